import { type Init, type Transport, timedFetch } from "./timed-fetch.js";

/** Who looks at the page, as the shop's server says. */
export interface Caller {
  /** The ERP's customer code; null for a guest. */
  readonly sub: string | null;
  /** What the gateway is shown; null for a guest. In memory alone. */
  readonly token: string | null;
  /** ms since the epoch; from then on the shop is asked again. */
  readonly until: number;
}

export interface SessionOptions extends Transport {
  /** The shop's endpoint, see docs/shops/web.md; null: there are guests alone. */
  readonly endpoint: string | null;
  readonly now: () => number;
  /** Called before anybody reads an answer that names somebody else than the last one did. */
  readonly onOtherCaller: () => void;
}

/** The last instant of `Date`. */
const endOfTime = 8.64e15;
const guest: Caller = { sub: null, token: null, until: endOfTime };
/** How long a guest stays one, unasked. */
const guestMs = 60_000;
/** A token is not used in its last moments: it would run out on the way. */
const marginMs = 5_000;

/** The caller, asked of the shop's server and kept in memory. */
export class Session {
  #caller: Caller | null = null;
  #reading: Promise<Caller> | null = null;
  /** Counts what makes answers under way worthless. */
  #era = 0;

  readonly #options: SessionOptions;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /**
   * Joins a read under way. @throws {Error} where the shop's server did not answer
   * @param anew asks although a caller is known
   */
  async read(anew = false): Promise<Caller> {
    const { endpoint } = this.#options;
    if (endpoint === null) return guest;
    if (!anew && this.#caller !== null && this.isKnown(marginMs)) return this.#caller;
    this.#reading ??= this.#ask(endpoint, this.#era);
    return this.#reading;
  }

  /** Asks although a read is under way: that one may have been answered before a login. Who waits for it gets this one's answer. */
  renew(): Promise<Caller> {
    this.#supersede();
    return this.read(true);
  }

  /** The customer has logged out: a guest, until `renew()`. */
  logout(): void {
    this.#become(guest);
  }

  /** Nobody is known any more: the next read asks. */
  forget(): void {
    this.#supersede();
    this.#caller = null;
  }

  /** Nobody is known any longer than the token holds. @param forMs how long it must hold yet */
  isKnown(forMs: number): boolean {
    return this.#caller !== null && this.#options.now() + forMs < this.#caller.until;
  }

  #supersede(): void {
    this.#era += 1;
    this.#reading = null;
  }

  #become(caller: Caller): void {
    const isOther = this.#caller !== null && this.#caller.sub !== caller.sub;
    this.#supersede();
    this.#caller = caller;
    if (isOther) this.#options.onOtherCaller();
  }

  async #ask(endpoint: string, era: number): Promise<Caller> {
    const caller = await this.#fetch(endpoint).catch(() => null);
    // Logged out, or asked anew, meanwhile: this answer may be about somebody else.
    if (era !== this.#era) return this.#reading ?? this.read();
    this.#reading = null;
    if (caller === null) throw new Error("no session");
    this.#become(caller);
    return caller;
  }

  #fetch(endpoint: string): Promise<Caller> {
    const init: Init = { credentials: "include", cache: "no-store" };
    return timedFetch(this.#options, endpoint, init, null, async (response) => {
      if (!response.ok) throw new Error(String(response.status));
      return parseCaller(await response.json(), this.#options.now());
    });
  }
}

/** @throws {Error} for what is no session */
export function parseCaller(answer: unknown, now: number): Caller {
  const { token, sub, expiresAt } = answer as Partial<Record<string, unknown>>;
  if (token === null || token === undefined) return { ...guest, until: now + guestMs };
  // Seconds since 1970, as in the token, or RFC 3339.
  const until = typeof expiresAt === "number" ? expiresAt * 1000 : Date.parse(String(expiresAt));
  if (typeof token !== "string" || typeof sub !== "string" || sub === "" || Number.isNaN(until)) {
    throw new Error("not {token, sub, expiresAt}");
  }
  return { sub, token, until };
}
