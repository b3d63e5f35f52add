import { readFile } from "node:fs/promises";
import { isOfOtherKind, parseQuoteKey, toVerifyingKeys, type VerifyingQuoteKeys } from "../pricing/quote-keys.js";

/** How long a JWKS may take to come, in ms. */
const timeoutMs = 10_000;

/** The largest JWKS that is fetched: about a thousand keys. */
const maxBytes = 256 * 1024;

const mend = "give the gateway's /.well-known/jwks.json";

/**
 * The keys of a JWKS that verify quotes; those of other kinds are passed over.
 * @param place a file, or a URL over HTTP
 * @throws {Error} that names the file or URL, and the mend
 */
export async function readQuoteJwks(place: string): Promise<VerifyingQuoteKeys> {
  const text = await (/^https?:\/\//i.test(place) ? fetchText(place) : readText(place));
  const listed = parseKeyList(text, place);
  const ours = listed.filter((jwk) => !isOfOtherKind(jwk));
  if (ours.length === 0) throw new Error(`${place} holds no Ed25519 key: ${mend}`);
  try {
    return toVerifyingKeys(await Promise.all(ours.map(parseNamed)));
  } catch (error) {
    throw new Error(`${place} cannot be used: ${(error as Error).message}; ${mend}`);
  }
}

function parseKeyList(text: string, place: string): readonly unknown[] {
  let keys: unknown;
  try {
    keys = (JSON.parse(text) as { keys?: unknown } | null)?.keys;
  } catch {
    throw new Error(`${place} is not JSON: ${mend}`);
  }
  if (!Array.isArray(keys) || keys.length === 0) throw new Error(`${place} holds no "keys": ${mend}`);
  return keys;
}

async function parseNamed(jwk: unknown) {
  try {
    return await parseQuoteKey(jwk);
  } catch (error) {
    throw new Error(`a key in it ${(error as Error).message}`);
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new Error(`${path} cannot be read (${codeOf(error)}): ${mend}, or a file with what stands there`);
  }
}

async function fetchText(url: string): Promise<string> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, { signal }).catch((error: unknown) => cannotReach(url, error));
  if (!response.ok) {
    throw new Error(`${url} answers HTTP ${response.status}: check the address; ${mend}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    cannotReach(url, error);
  }
  if (bytes > maxBytes) throw new Error(`${url} is longer than ${maxBytes} bytes: that is no JWKS; ${mend}`);
  return Buffer.concat(chunks).toString("utf8");
}

function cannotReach(url: string, error: unknown): never {
  const why = signalled(error) ? `no answer within ${timeoutMs / 1000} s` : codeOf(error);
  throw new Error(`${url} cannot be read (${why}): check the address and the network, or fetch it to a file first`);
}

function signalled(error: unknown): boolean {
  return error instanceof Error && error.name === "TimeoutError";
}

/** What the system says, such as ECONNREFUSED: fetch's own words are "fetch failed". */
function codeOf(error: unknown): string {
  const { code, cause, message } = error as { code?: unknown; cause?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  return cause instanceof Error ? codeOf(cause) : String(message);
}
