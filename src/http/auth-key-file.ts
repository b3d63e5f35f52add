import { readFileSync, type Stats, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import type { Clock } from "../clock.js";
import {
  type AuthLog,
  type KeyLookup,
  maxKeySetBytes,
  type PublicKeySet,
  type PublicKeys,
  parseKeySet,
} from "./verification-keys.js";

/** How often, in ms, the file is looked at, at most. So long a withdrawn key may go on, and a new one be unknown. */
const checkEveryMs = 2_000;

/** Public keys from a JWKS file, read again when the file has changed. A file gone bad leaves the last good keys in use. */
export class KeyFile implements PublicKeys {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: AuthLog;
  #keys: PublicKeySet;
  /** What the file looked like when it was last read, be it good or bad. */
  #stamp: string;
  #checkedAt: number;
  #checking: Promise<void> | null = null;

  /** @throws {Error} when the file cannot be read or used, naming it */
  constructor(path: string, clock: Clock, log: AuthLog) {
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
    try {
      this.#stamp = stampOf(statSync(path));
      this.#keys = this.#parse(readFileSync(path, "utf8"));
    } catch (error) {
      throw new Error(`AUTH_JWKS_FILE ${path} cannot be used: ${messageOf(error)}`);
    }
    this.#checkedAt = clock.now();
  }

  // Known kids wait for the check too, or a key that was withdrawn would be used once more after a quiet time.
  async find(kid: string): Promise<KeyLookup> {
    // The distance, not the difference: a clock that was set back must not stop the checks.
    if (this.#checking !== null || Math.abs(this.#clock.now() - this.#checkedAt) >= checkEveryMs) await this.#check();
    const key = this.#keys.get(kid);
    return key === undefined ? { kind: "unknown" } : { kind: "found", key };
  }

  #check(): Promise<void> {
    this.#checkedAt = this.#clock.now();
    this.#checking ??= this.#readIfChanged().finally(() => {
      this.#checking = null;
    });
    return this.#checking;
  }

  async #readIfChanged(): Promise<void> {
    let stamp = "unreadable";
    try {
      // Taken before the reading, so that a file caught half written looks changed at the next check.
      const found = stampOf(await stat(this.#path));
      if (found === this.#stamp) return;
      const text = await readFile(this.#path, "utf8");
      stamp = found;
      this.#keys = this.#parse(text);
    } catch (error) {
      // Told once per change of the file, or every check would repeat it.
      if (stamp === this.#stamp) return;
      const details = { file: this.#path, reason: messageOf(error) };
      this.#log.error(details, "AUTH_JWKS_FILE went bad; the keys read before stay in use");
    }
    this.#stamp = stamp;
  }

  #parse(text: string): PublicKeySet {
    const { keys, complaints } = parseKeySet(text);
    if (complaints.length > 0) this.#log.warn({ file: this.#path, complaints }, "AUTH_JWKS_FILE has unusable keys");
    return keys;
  }
}

/** Changes with the content. Inode and size catch a replacement within one tick of the file system's clock. */
function stampOf({ mtimeMs, ino, size }: Stats): string {
  if (size > maxKeySetBytes) throw new Error(`it is larger than ${maxKeySetBytes} bytes`);
  return `${mtimeMs} ${ino} ${size}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
