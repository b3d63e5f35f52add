import { RateLimited } from "../errors.js";
import { type Ask, failed, type Key, type Outcome, type Reading, type TellingSource } from "../pricing/source.js";

/** A source that reads one thing once for all who ask meanwhile, and says so beforehand. */
export interface JoinableSource<K extends Key, Answer> extends TellingSource<K, Answer> {
  /** Whether {@link readMany}, called in the same breath, would share a read of this key that is under way. */
  wouldJoin(key: K, ask: Ask): boolean;
}

/**
 * Charges the caller's budget for each key that the ERP is asked on its account, and refuses those that it does not hold.
 * It stands where nothing else needs to know of budgets: what memory answers never comes here, and whether a key joins a
 * read under way, which another one has paid for, only the source behind it can say.
 */
export class ChargingSource<K extends Key, Answer> implements TellingSource<K, Answer> {
  readonly #inner: JoinableSource<K, Answer>;

  constructor(inner: JoinableSource<K, Answer>) {
    this.#inner = inner;
  }

  /** Tells what the ERP said or failed at. A refusal is told to the caller alone: for others it is no failure of the key. */
  onOutcome(listener: (key: K, outcome: Outcome<Answer>, reading: Reading) => void): void {
    this.#inner.onOutcome(listener);
  }

  supersede(matches: (key: K) => boolean): void {
    this.#inner.supersede(matches);
  }

  /** Keys beyond the budget are refused, the last ones first, and their neighbours are read. */
  async readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const { budget } = ask;
    if (budget === null) return this.#inner.readMany(keys, ask);
    const costly = keys.filter((key) => !this.#inner.wouldJoin(key, ask));
    if (costly.length === 0) return this.#inner.readMany(keys, ask);
    const { granted, retryAfterSeconds } = budget.charge(costly.length);
    if (granted === costly.length) return this.#inner.readMany(keys, ask);
    const refused = new Set(costly.slice(granted));
    const paid = keys.filter((key) => !refused.has(key));
    const read = paid.length === 0 ? [] : await this.#inner.readMany(paid, ask);
    const outcomes = read.values();
    return keys.map((key) =>
      refused.has(key) ? failed(new RateLimited(retryAfterSeconds)) : (outcomes.next().value as Outcome<Answer>),
    );
  }
}
