import { timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.js";
import type { Caller } from "../pricing/caller.js";

/** Who asked last on a connection, and by which header. */
interface LastCaller {
  readonly authorization: Buffer;
  readonly caller: Caller;
  /** When the token was verified, and until when that is believed, in ms since the epoch. */
  readonly since: number;
  readonly until: number;
}

/**
 * Remembers for each connection the last header that was good: a shop that keeps its connection sends the same one again. It is gone with the
 * connection, and believed no longer than the token itself.
 */
export class ConnectionCallers {
  readonly #last = new WeakMap<object, LastCaller>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  recall(connection: object, authorization: string): Caller | null {
    const last = this.#last.get(connection);
    if (last === undefined || last.authorization.length !== authorization.length) return null;
    // A proxy's connection carries the tokens of many: how long the comparison takes must not tell of another's.
    if (!timingSafeEqual(last.authorization, Buffer.from(authorization, "latin1"))) return null;
    const now = this.#clock.now();
    // A clock set back must not make a token last.
    return last.since <= now && now < last.until ? last.caller : null;
  }

  remember(connection: object, authorization: string, known: Omit<LastCaller, "authorization">): void {
    const { caller, since, until } = known;
    this.#last.set(connection, { authorization: Buffer.from(authorization, "latin1"), caller, since, until });
  }
}
