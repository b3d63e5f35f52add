import type { Clock } from "../../src/clock.js";
import { ErpTimeout } from "../../src/errors.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { PriceKey, StockKey } from "../../src/pricing/keys.js";
import { type ErpCall, type ErpSource, fromErp, type Key } from "../../src/pricing/source.js";
import { customerOf, ladderOf, stockOf } from "../../test/support/samples.js";

export interface SimulatedErpOptions {
  readonly clock: Clock;
  readonly workers: number;
  /** How long a worker takes for a call, in ms. */
  readonly callMs: number;
  readonly keysPerCall: number;
  /** Whether one call can carry the prices of several customers. */
  readonly mixesCustomers: boolean;
  /** Most calls it should be sent at once; as many as it has workers unless told. */
  readonly limit?: number;
  readonly hangs?: Hangs;
}

export interface Hangs {
  /** One in so many calls hangs. */
  readonly every: number;
  /** How long the ERP is at it, in ms. */
  readonly ms: number;
  /** Whether it stops as soon as the client leaves; otherwise it is not told, and works on. */
  readonly untilClientLeaves: boolean;
}

/** An ERP of so many workers, who take the calls in the order of coming. It counts what it is asked of prices and stock. */
export class SimulatedErp {
  readonly connector: Connector;
  calls = 0;
  keys = 0;
  inFlight = 0;
  mostInFlight = 0;
  readonly #options: SimulatedErpOptions;
  readonly #queue: (() => void)[] = [];
  #busy = 0;
  #started = 0;

  constructor(options: SimulatedErpOptions) {
    this.#options = options;
    const priceGroup = ({ scope }: PriceKey) => (options.mixesCustomers ? "price" : `price ${JSON.stringify(scope)}`);
    this.connector = {
      name: "simulated",
      prices: this.#source(priceGroup, ({ sku }) => ladderOf({ sku }), true),
      stock: this.#source(
        () => "stock",
        ({ sku }: StockKey) => stockOf({ sku }),
        true,
      ),
      customers: this.#source(
        () => "customer",
        ({ customer }) => customerOf({ code: customer }),
        false,
      ),
      maxConcurrency: options.limit ?? options.workers,
      async checkHealth() {},
      async close() {},
    };
  }

  #source<K extends Key, Answer>(
    groupOf: (key: K) => string,
    answer: (key: K) => Answer,
    isCounted: boolean,
  ): ErpSource<K, Answer> {
    return {
      keysPerCall: this.#options.keysPerCall,
      groupOf,
      readMany: async (keys, call) => {
        if (isCounted) {
          this.calls++;
          this.keys += keys.length;
        }
        await this.#work(call);
        return keys.map((key) => ({ kind: "found", answer: answer(key), freshness: fromErp(call) }));
      },
    };
  }

  #work({ signal }: ErpCall): Promise<void> {
    this.mostInFlight = Math.max(this.mostInFlight, ++this.inFlight);
    const { clock, callMs, hangs } = this.#options;
    return new Promise((resolve, reject) => {
      this.#queue.push(() => {
        const isHanging = hangs !== undefined && ++this.#started % hangs.every === 0;
        const end = () => {
          this.#busy--;
          this.inFlight--;
          resolve();
          this.#next();
        };
        const cancel = clock.after(isHanging ? hangs.ms : callMs, end);
        if (!isHanging) return;
        signal.addEventListener("abort", () => {
          reject(new ErpTimeout("the client left"));
          if (!hangs.untilClientLeaves) return;
          cancel();
          end();
        });
      });
      this.#next();
    });
  }

  #next(): void {
    while (this.#busy < this.#options.workers) {
      const start = this.#queue.shift();
      if (start === undefined) return;
      this.#busy++;
      start();
    }
  }
}
