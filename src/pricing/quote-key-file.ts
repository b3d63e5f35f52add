import { readFile, stat } from "node:fs/promises";
import { generateQuoteJwk, parseQuoteKey, type QuoteKey, type QuoteKeys, toQuoteKeys } from "./quote-keys.js";

/** Where trouble with key files is told. A pino logger has this shape. */
export interface QuoteKeyLog {
  warn(details: object, message: string): void;
}

export interface QuoteKeyFiles {
  /** A private Ed25519 key (JWK); null to make one that lives as long as the process. */
  readonly keyFile: string | null;
  /** A JWKS, or one JWK, of keys that verify and do not sign. */
  readonly oldKeysFile: string | null;
}

/** @throws {Error} naming the setting, the file and the mend, never anything of a key */
export async function readQuoteKeys({ keyFile, oldKeysFile }: QuoteKeyFiles, log: QuoteKeyLog): Promise<QuoteKeys> {
  const signing =
    keyFile === null ? await makeKey(log) : await blame("QUOTE_KEY_FILE", keyFile, () => readOne(keyFile));
  if (keyFile !== null) await warnIfOpen("QUOTE_KEY_FILE", keyFile, [signing], log);
  if (oldKeysFile === null) return toQuoteKeys(signing, []);
  const old = await blame("QUOTE_OLD_KEYS_FILE", oldKeysFile, () => readSeveral(oldKeysFile));
  await warnIfOpen("QUOTE_OLD_KEYS_FILE", oldKeysFile, old, log);
  return blame("QUOTE_OLD_KEYS_FILE", oldKeysFile, async () => toQuoteKeys(signing, old));
}

async function makeKey(log: QuoteKeyLog): Promise<QuoteKey> {
  const key = await parseQuoteKey(await generateQuoteJwk());
  const message =
    "QUOTE_KEY_FILE is not set: quotes are signed by a key made now, and end with this process, nor do other servers know it";
  log.warn({ kid: key.kid }, message);
  return key;
}

async function readOne(path: string): Promise<QuoteKey> {
  const key = await parseNamed(parseJson(await readText(path)), "the key");
  if (key.privateKey !== null) return key;
  throw new Error(
    'it holds a public key alone, without "d": signing needs the private key, from `pricelane quote key`',
  );
}

async function readSeveral(path: string): Promise<QuoteKey[]> {
  const found = parseJson(await readText(path));
  const listed = typeof found === "object" && found !== null && "keys" in found ? found.keys : [found];
  if (!Array.isArray(listed)) throw new Error('it is neither a JWK nor a JWKS: expected {"keys": [{…}, …]}');
  return Promise.all(listed.map((jwk: unknown, index) => parseNamed(jwk, `key ${index + 1}`)));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Error(
      `it cannot be read (${code ?? message}): check the path and its rights, or make a key with \`pricelane quote key\``,
    );
  }
}

async function parseNamed(jwk: unknown, name: string): Promise<QuoteKey> {
  try {
    return await parseQuoteKey(jwk);
  } catch (error) {
    throw new Error(`${name} ${(error as Error).message}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Without the parser's words: they repeat a piece of the text.
    throw new Error("it is not JSON: a key file is what `pricelane quote key` makes");
  }
}

async function blame<T>(setting: string, path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw new Error(`${setting} ${path} cannot be used: ${(error as Error).message}`);
  }
}

async function warnIfOpen(setting: string, path: string, keys: readonly QuoteKey[], log: QuoteKeyLog): Promise<void> {
  if (keys.every(({ privateKey }) => privateKey === null)) return;
  const { mode } = await stat(path);
  if ((mode & 0o004) !== 0) {
    log.warn(
      { file: path },
      `${setting} can be read by everybody on this machine, who can then sign quotes: chmod 600`,
    );
  }
}
