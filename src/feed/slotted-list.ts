import type { Clock } from "../clock.js";
import { ErpTimeout } from "../errors.js";
import type { ProductList } from "../pricing/connector.js";
import type { Departure, Slots } from "../pricing/slots.js";

export interface SlottedListOptions {
  readonly slots: Slots;
  /** How long one call may take, in ms. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

interface Waiting {
  readonly run: () => Promise<void>;
}

export type ProductPage = Awaited<ReturnType<ProductList["readPage"]>>;

/** Reads the ERP's list of products in slots of the feed's: idle capacity, as for all that a feed asks. */
export class SlottedList {
  readonly #list: ProductList;
  readonly #options: SlottedListOptions;
  readonly #waiting: Waiting[] = [];

  constructor(list: ProductList, options: SlottedListOptions) {
    this.#list = list;
    this.#options = options;
    options.slots.join({
      waitingIn: (lane) => (lane === "feed" ? this.#waiting.length : 0),
      offer: (slotClass) => (slotClass === "feed" ? this.#offer() : null),
      onHeld() {}, // its own deadline ends the wait
    });
  }

  /**
   * @param deadline ms since the epoch
   * @throws {ErpError} where the ERP cannot answer, or not in time
   */
  readPage(after: string | null, limit: number, deadline: number): Promise<ProductPage> {
    const { clock, slots } = this.#options;
    return new Promise((resolve, reject) => {
      const waiting = { run: () => this.#call(after, limit, deadline).finally(cancel).then(resolve, reject) };
      const cancel = clock.after(Math.max(deadline - clock.now(), 0), () => {
        const index = this.#waiting.indexOf(waiting);
        if (index >= 0) this.#waiting.splice(index, 1);
        reject(new ErpTimeout("the list of products was not read before the deadline"));
      });
      this.#waiting.push(waiting);
      slots.deal();
    });
  }

  #offer(): Departure | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    return {
      isCheckout: false,
      dueAt: Number.POSITIVE_INFINITY,
      send: (giveBack) => {
        this.#waiting.splice(this.#waiting.indexOf(first), 1);
        // Whoever goes on behind this page asks for the next one in this moment, and would else wait for another slot each time.
        void first.run().finally(() => this.#options.clock.after(0, giveBack));
      },
    };
  }

  async #call(after: string | null, limit: number, deadline: number): Promise<ProductPage> {
    const { clock, timeoutMs } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.after(Math.min(timeoutMs, Math.max(deadline - clock.now(), 0)), () => timeout.abort());
    try {
      return await this.#list.readPage(after, limit, timeout.signal);
    } finally {
      cancel();
    }
  }
}
