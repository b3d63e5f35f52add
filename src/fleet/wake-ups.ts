import type { Clock } from "../clock.js";
import type { Store } from "./store.js";

/** Most names that are remembered to have been told; one that is not costs a wait until a lease ends. */
const rememberedNames = 10_000;

/** Tells those who wait for another replica's answers when they are there, or will not come. */
export class WakeUps {
  /** What the channels of all replicas begin with. */
  readonly channelPrefix: string;
  readonly #clock: Clock;
  /** By the entry's name in the store. */
  readonly #waiting = new Map<string, Set<() => void>>();
  /** When each name was told last, counted in messages; the oldest first. */
  readonly #told = new Map<string, number>();
  #messages = 0;

  constructor(store: Store, prefix: string, replica: string, clock: Clock) {
    this.channelPrefix = `${prefix}woken:`;
    this.#clock = clock;
    const wakeAll = () => this.#wake([...this.#waiting.keys()]);
    store.subscribe(`${this.channelPrefix}${replica}`, (message) => this.#wake(message.split(" ")), wakeAll);
    // Without it nobody would tell.
    store.onChange((isUp) => {
      if (!isUp) wakeAll();
    });
  }

  /** Messages so far: what is told from now on is told after it. */
  get mark(): number {
    return this.#messages;
  }

  /**
   * Waits until any of these was told of, a time passed, or the caller left. @param ms at least 0. @param mark from before the store was
   * asked about them: messages come another way than replies, and may be the first to come
   */
  wait(entries: readonly string[], ms: number, signal: AbortSignal | null, mark: number): Promise<void> {
    if (entries.some((entry) => (this.#told.get(entry) ?? 0) > mark)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        cancelTimer();
        signal?.removeEventListener("abort", wake);
        for (const entry of entries) this.#leave(entry, wake);
        resolve();
      };
      const cancelTimer = this.#clock.after(ms, wake);
      signal?.addEventListener("abort", wake);
      for (const entry of entries) {
        const waiters = this.#waiting.get(entry) ?? new Set();
        this.#waiting.set(entry, waiters.add(wake));
      }
    });
  }

  #wake(entries: readonly string[]): void {
    this.#messages++;
    for (const entry of entries) {
      this.#told.delete(entry);
      this.#told.set(entry, this.#messages);
    }
    for (const [oldest] of this.#told) {
      if (this.#told.size <= rememberedNames) break;
      this.#told.delete(oldest);
    }
    for (const entry of entries) for (const wake of [...(this.#waiting.get(entry) ?? [])]) wake();
  }

  #leave(entry: string, wake: () => void): void {
    const waiters = this.#waiting.get(entry);
    waiters?.delete(wake);
    if (waiters?.size === 0) this.#waiting.delete(entry);
  }
}
