import { readFile } from "node:fs/promises";
import { mintToken } from "../../http/mint-token.js";
import type { SigningKeys } from "../token.js";
import { FeedEnded } from "./feed-ended.js";

/** Enough for one request: each further one is given a token of its own. */
const minutes = 60;

export interface FeedTokenOptions {
  readonly file: string | null;
  /** Of PRICELANE_TOKEN; null where it is not set. */
  readonly given: string | null;
  /** @throws {Error} where the environment is none of a gateway's */
  readonly readKeys: () => SigningKeys;
  /** ms since the epoch. */
  readonly now: () => number;
}

/**
 * A token for one request: from the file, else what was given, else a new one signed by the gateway's own key.
 * @throws {FeedEnded} that names what to set, where there is none
 */
export async function readFeedToken({ file, given, readKeys, now }: FeedTokenOptions): Promise<string> {
  if (file !== null) return parseToken(await readTokenFile(file), file);
  if (given !== null) return parseToken(given, "PRICELANE_TOKEN");
  const { secrets, audience } = readKeysOrEnd(readKeys);
  const [key] = secrets;
  if (key === undefined) throw noToken("AUTH_SECRETS has no key to sign one with");
  return mintToken({ key, audience, customer: null, scopes: ["feed"], minutes, company: null, now: now() });
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new FeedEnded("notAsAsked", `${file} cannot be read (${code ?? message}): name a file with a token in it`);
  }
}

/** A header is no place for other characters; what was there instead is not told, since it may be a secret. */
function parseToken(text: string, from: string): string {
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new FeedEnded("notAsAsked", `${from} holds no token: it should be one word of plain ASCII characters`);
}

function readKeysOrEnd(readKeys: () => SigningKeys): SigningKeys {
  try {
    return readKeys();
  } catch (error) {
    throw noToken((error as Error).message);
  }
}

function noToken(why: string): FeedEnded {
  return new FeedEnded(
    "notAsAsked",
    `no token: set PRICELANE_TOKEN or give --token-file, else run in the gateway's own environment (${why})`,
  );
}
