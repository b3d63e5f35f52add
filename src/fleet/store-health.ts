import type { Clock } from "../clock.js";
import { StoreUnavailable } from "./store.js";

export interface StoreHealthOptions {
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
  /** How long a sign of life may take, connecting included, in ms. */
  readonly probeTimeoutMs: number;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Asks for a sign of life; over a new connection unless it was up. */
  readonly probe: (wasUp: boolean) => Promise<unknown>;
  /** @param cause why it is down; null when it is up */
  readonly onChange: (isUp: boolean, cause: Error | null) => void;
}

/** Between signs of life while it is up, so that nobody's request is the first to find out, in ms. */
const beatMs = 1_000;
/** Between attempts while it is down, in ms: the first soon, since most losses are short. */
const firstWaitMs = 100;
const longestWaitMs = 5_000;

/**
 * Whether the store answers. One answer that does not come in time counts as down, and from then on nothing is asked but for signs
 * of life: a request must not wait for a store that is not there, and the ERP is asked instead.
 */
export class StoreHealth {
  readonly #options: StoreHealthOptions;
  #isUp = false;
  #failuresInARow = 0;
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: StoreHealthOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  start(): void {
    void this.#probe();
  }

  close(): void {
    this.#isClosed = true;
    this.#isUp = false;
    this.#cancelTimer();
  }

  /** @throws {StoreUnavailable} at once while it is down; else where `ask` fails, or does not settle in time */
  async guard<T>(ask: () => Promise<T>): Promise<T> {
    if (!this.#isUp) throw new StoreUnavailable("the shared store is down");
    try {
      const answer = await this.#inTime(ask(), this.#options.timeoutMs);
      this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      // Of several that fail together the first has told it: each would put the next attempt further off.
      if (error instanceof StoreUnavailable && this.#isUp) this.#fail(error);
      throw error;
    }
  }

  async #probe(): Promise<void> {
    const { probe, probeTimeoutMs } = this.#options;
    try {
      await this.#inTime(probe(this.#isUp), probeTimeoutMs);
    } catch (error) {
      return this.#fail(error as Error);
    }
    if (this.#isClosed) return;
    // One that shows signs of life and answers nothing else would come and go many times a second: the next wait is longer until
    // something was answered, or it was up from one beat to the next.
    if (this.#isUp) this.#failuresInARow = 0;
    else {
      this.#isUp = true;
      this.#options.onChange(true, null);
    }
    this.#plan(beatMs);
  }

  #fail(cause: Error): void {
    if (this.#isClosed) return;
    const wasUp = this.#isUp;
    const isNews = wasUp || this.#failuresInARow === 0;
    this.#isUp = false;
    this.#failuresInARow++;
    if (isNews) this.#options.onChange(false, cause);
    const wait = Math.min(firstWaitMs * 2 ** (this.#failuresInARow - 1), longestWaitMs);
    this.#plan(wait * (0.5 + 0.5 * this.#options.random()));
  }

  #plan(ms: number): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#options.clock.after(ms, () => void this.#probe());
  }

  #inTime<T>(asked: Promise<T>, timeoutMs: number): Promise<T> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      let cancel = clock.after(timeoutMs, () => {
        // Where this process itself was held up, the answer may be there, waiting to be read.
        cancel = clock.after(1, () => {
          reject(new StoreUnavailable(`the shared store did not answer within ${timeoutMs} ms`));
        });
      });
      asked.then(resolve, reject).finally(() => cancel());
    });
  }
}
