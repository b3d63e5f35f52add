import type { Decimal } from "../pricing/decimal.js";
import { grown } from "./columns.js";
import type { PriceHistory } from "./price-history.js";

/** What an amount is told in. */
type Terms = Pick<PriceHistory, "currency" | "measure">;

/** Most terms that are kept once for all who have them. An ERP has a few; what comes beyond stands with its SKU. */
const mostTerms = 10_000;

/**
 * The histories of the SKUs of a journal, by its slots. Nearly all have one, of a single price that has always stood: that is kept in
 * columns, any other one as it is.
 */
export class PackedHistories {
  readonly #terms: Terms[] = [{ currency: "", measure: "" }];
  readonly #termNumbers = new Map<string, number>();
  readonly #others = new Map<number, readonly PriceHistory[]>();
  readonly #nets: (Decimal | null)[] = [null];
  /** Into `#terms`; 0 where the columns hold none. */
  #termOf: Uint32Array;
  #since: Float64Array;
  #saidAt: Float64Array;

  constructor(room: number) {
    this.#termOf = new Uint32Array(room);
    this.#since = new Float64Array(room);
    this.#saidAt = new Float64Array(room);
  }

  /** Makes room for slots below this number. */
  grow(room: number): void {
    this.#termOf = grown(this.#termOf, room);
    this.#since = grown(this.#since, room);
    this.#saidAt = grown(this.#saidAt, room);
  }

  get(slot: number): readonly PriceHistory[] {
    const number = this.#termOf[slot] as number;
    if (number === 0) return this.#others.get(slot) ?? [];
    const { currency, measure } = this.#terms[number] as Terms;
    const net = this.#nets[slot] as Decimal;
    return [
      {
        currency,
        measure,
        since: this.#since[slot] as number,
        saidAt: this.#saidAt[slot] as number,
        prices: [{ net, until: null }],
        prior: null,
      },
    ];
  }

  /** False where there is none, or one alone of a single price that began after this instant, in ms since the epoch. */
  mayReach(slot: number, since: number): boolean {
    return this.#termOf[slot] === 0 ? this.#others.has(slot) : (this.#since[slot] as number) <= since;
  }

  set(slot: number, histories: readonly PriceHistory[]): void {
    const [only] = histories;
    const net = histories.length === 1 && only !== undefined ? onlyNetOf(only) : null;
    const number = net === null || only === undefined ? 0 : this.#numberOf(only);
    this.#termOf[slot] = number;
    this.#nets[slot] = number === 0 ? null : net;
    if (number !== 0 && only !== undefined) {
      this.#since[slot] = only.since;
      this.#saidAt[slot] = only.saidAt;
    }
    if (number !== 0 || histories.length === 0) this.#others.delete(slot);
    else this.#others.set(slot, histories);
  }

  /** @returns 0 where there are too many */
  #numberOf({ currency, measure }: Terms): number {
    const name = `${currency} ${measure}`;
    const known = this.#termNumbers.get(name);
    if (known !== undefined) return known;
    if (this.#terms.length > mostTerms) return 0;
    this.#termNumbers.set(name, this.#terms.length);
    return this.#terms.push({ currency, measure }) - 1;
  }
}

/** Null where there was another price. */
function onlyNetOf({ prices, prior }: PriceHistory): Decimal | null {
  const [present] = prices;
  return prices.length === 1 && present?.until === null && prior === null ? present.net : null;
}
