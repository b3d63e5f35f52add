/** Who looks at the page, as the shop's server says. */
export interface Caller {
  /** The ERP's customer code; null for a guest. */
  readonly sub: string | null;
  /** What the gateway is shown; null for a guest. In memory alone. */
  readonly token: string | null;
  /** ms since the epoch; from then on the shop is asked again. */
  readonly until: number;
}

export interface SessionOptions {
  /** The shop's endpoint, see docs/shops/web.md; null: there are guests alone. */
  readonly endpoint: string | null;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly now: () => number;
  readonly after: (ms: number, run: () => void) => () => void;
  /** Called before anybody reads an answer that names somebody else than the last one did. */
  readonly onOtherCaller: () => void;
}

const guest: Caller = { sub: null, token: null, until: Number.POSITIVE_INFINITY };
const timeoutMs = 4_000;
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

  constructor(readonly options: SessionOptions) {}

  /**
   * Joins a read under way. @throws {Error} where the shop's server did not answer, or logout() came meanwhile
   * @param anew asks although a caller is known
   */
  read(anew = false): Promise<Caller> {
    const { endpoint, now } = this.options;
    if (endpoint === null) return Promise.resolve(guest);
    if (!anew && this.#caller !== null && now() < this.#caller.until - marginMs) return Promise.resolve(this.#caller);
    this.#reading ??= this.#ask(endpoint, this.#era);
    return this.#reading;
  }

  /** The customer has logged out: a guest, until `read(true)`. */
  logout(): void {
    this.#become(guest);
  }

  /** Nobody is known any more: the next read asks. */
  forget(): void {
    this.#era += 1;
    this.#caller = null;
    this.#reading = null;
  }

  /** Nobody is known any longer than the token holds, where the shop's server does not answer. */
  get isOver(): boolean {
    return this.#caller !== null && this.options.now() >= this.#caller.until;
  }

  #become(caller: Caller): void {
    const isOther = this.#caller !== null && this.#caller.sub !== caller.sub;
    this.forget();
    this.#caller = caller;
    if (isOther) this.options.onOtherCaller();
  }

  async #ask(endpoint: string, era: number): Promise<Caller> {
    const { fetch, after, now } = this.options;
    const timeout = new AbortController();
    const cancel = after(timeoutMs, () => timeout.abort());
    try {
      const init: RequestInit = { credentials: "include", cache: "no-store", signal: timeout.signal };
      const response = await fetch(endpoint, init);
      if (!response.ok) throw new Error(`session: ${response.status}`);
      const caller = parseCaller(await response.json(), now());
      if (era !== this.#era) throw new Error("session: ended");
      this.#become(caller);
      return caller;
    } finally {
      cancel();
      if (era === this.#era) this.#reading = null;
    }
  }
}

/** @throws {Error} for what is no session */
export function parseCaller(answer: unknown, now: number): Caller {
  const { token, sub, expiresAt } = (answer ?? {}) as Partial<Record<string, unknown>>;
  if (token === null || token === undefined) return { ...guest, until: now + guestMs };
  if (typeof token !== "string" || typeof sub !== "string" || sub === "") {
    throw new Error("session: not {token, sub, expiresAt}");
  }
  // Seconds since 1970, as in the token, or RFC 3339.
  const until = typeof expiresAt === "number" ? expiresAt * 1000 : Date.parse(String(expiresAt));
  if (Number.isNaN(until)) throw new Error("session: expiresAt is no instant");
  return { sub, token, until };
}
