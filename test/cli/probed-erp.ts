import { ErpOverloaded, ErpTimeout } from "../../src/errors.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { PriceKey, StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { type ErpCall, type ErpSource, fromErp, type Key, type Outcome } from "../../src/pricing/source.js";
import { ladderOf, stockOf } from "../support/samples.js";
import type { VirtualClock } from "../support/virtual-clock.js";

export interface ProbedErpOptions {
  readonly workers: number;
  /** What a call takes a worker: `callMs + keyMs × keys`. */
  readonly callMs: number;
  readonly keyMs: number;
  readonly keysPerCall: number;
  /** How many times longer a call takes for each other call that is under way. */
  readonly contention?: number;
  /** Calls that may be there at once; one more is refused. */
  readonly room?: number;
  readonly ladder?: Partial<Ladder>;
  /** Answers nothing at all. */
  readonly hangs?: boolean;
}

/** An ERP whose knee is known: so many workers, who take the calls in the order of coming, in virtual time. */
export class ProbedErp {
  readonly connector: Connector;
  calls = 0;
  peakInFlight = 0;
  readonly #options: ProbedErpOptions;
  readonly #clock: VirtualClock;
  readonly #waiting: (() => void)[] = [];
  #inFlight = 0;
  #busy = 0;

  constructor(options: ProbedErpOptions, clock: VirtualClock) {
    this.#options = options;
    this.#clock = clock;
    const price = ({ sku }: PriceKey) => ladderOf({ sku, ...options.ladder });
    this.connector = {
      name: "probed",
      prices: this.#source(price),
      stock: this.#source(({ sku }: StockKey) => stockOf({ sku })),
      customers: this.#source(() => {
        throw new Error("a probe asks for no customers");
      }),
      maxConcurrency: 99,
      async checkHealth() {},
      async close() {},
    };
  }

  #source<K extends Key, Answer>(answerOf: (key: K) => Answer): ErpSource<K, Answer> {
    return {
      keysPerCall: this.#options.keysPerCall,
      groupOf: () => "",
      readMany: async (keys, call) => {
        await this.#work(keys.length, call);
        return keys.map((key): Outcome<Answer> => {
          const freshness = fromErp(call);
          if (key.id.includes("NO-SUCH")) return { kind: "unknown", what: "sku", freshness };
          return { kind: "found", answer: answerOf(key), freshness };
        });
      },
    };
  }

  async #work(keys: number, { signal }: ErpCall): Promise<void> {
    const { workers, callMs, keyMs, contention = 0, room = Number.POSITIVE_INFINITY, hangs } = this.#options;
    this.calls += 1;
    if (this.#inFlight >= room) throw new ErpOverloaded("no room", { countsAsFailure: true });
    this.#inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.#inFlight);
    try {
      if (this.#busy >= workers) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#busy += 1;
      const ms = (callMs + keyMs * keys) * (1 + contention * (this.#inFlight - 1));
      await new Promise<void>((resolve, reject) => {
        signal.addEventListener("abort", () => reject(new ErpTimeout("too late")));
        if (!hangs) this.#clock.after(ms, resolve);
      });
    } finally {
      this.#busy -= 1;
      this.#inFlight -= 1;
      this.#waiting.shift()?.();
    }
  }
}
