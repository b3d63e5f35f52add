import type { Clock } from "../clock.js";
import type { KeptText, TextRecord } from "../pricing/change-record.js";
import { firstOf } from "./first-of.js";
import type { KeptJournal } from "./kept-journal.js";
import type { PriceHistory } from "./price-history.js";

export interface HistorySyncOptions {
  readonly journal: Pick<KeptJournal, "addHistories" | "historiesOf" | "knownSkus">;
  readonly texts: TextRecord;
  readonly maxSkus: number;
  readonly clock: Clock;
}

/** Between two questions for what others wrote, in ms, and where there is more of it. */
const askMs = 2_000;
const nextTurnMs = 50;
/** Sealed and parsed in one breath, some 2 ms. */
const writtenAtOnce = 100;
/** What a process that ends may still write, within some 300 ms. */
const batchesAtEnd = 20;
/** Attempts at one text, where others write it at the same time; then it waits for its next turn. */
const attempts = 3;
/** A price that was said later than this by our clock, in ms, was said by a clock that is ahead: nothing would be later than it. */
const believedAheadMs = 60_000;

/** Shares the histories of prices: writes those that became others here, merged with what is kept, and hears of what others wrote. */
export class HistorySync {
  readonly #options: HistorySyncOptions;
  readonly #unwritten = new Set<string>();
  #life = "";
  #place = 0;
  #running: Promise<void> = Promise.resolve();
  #isClosed = false;
  #cancelTimer = () => {};

  constructor(options: HistorySyncOptions) {
    this.#options = options;
  }

  start(): void {
    this.#plan(0);
  }

  /** Its history is another one than was written. */
  add(sku: string): void {
    if (this.#unwritten.size < this.#options.maxSkus) this.#unwritten.add(sku);
  }

  /** Writes what was not yet, as far as there is time and the store takes it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelTimer();
    await this.#running;
    for (let written = 0; written < batchesAtEnd && this.#unwritten.size > 0; written++)
      if (!(await this.#write())) return;
  }

  #plan(ms: number): void {
    if (this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#running = this.#turn().then((hasMore) => this.#plan(hasMore ? nextTurnMs : askMs));
    });
  }

  /** @returns whether there is more to do at once */
  async #turn(): Promise<boolean> {
    if (!this.#options.texts.isUp) return false;
    const hasMore = await this.#recall();
    if (hasMore === null) return false;
    const isWritten = await this.#write();
    return hasMore || (isWritten && this.#unwritten.size > 0);
  }

  /** Null where it could not be read. */
  async #recall(): Promise<boolean | null> {
    const { texts, journal } = this.#options;
    const recalled = await texts.recall(this.#life, this.#place).catch(() => null);
    if (recalled === null) return null;
    // What was written in another life may be lost.
    if (recalled.life !== this.#life) for (const sku of journal.knownSkus()) this.add(sku);
    this.#life = recalled.life;
    this.#place = recalled.place;
    for (const each of recalled.texts) this.#merge(each);
    return recalled.hasMore;
  }

  /** @returns whether the store took it */
  async #write(): Promise<boolean> {
    const { texts, journal } = this.#options;
    const skus = firstOf(this.#unwritten, writtenAtOnce);
    for (const sku of skus) this.#unwritten.delete(sku);
    let open = skus.flatMap((sku) => {
      const histories = journal.historiesOf(sku);
      return histories.length === 0 ? [] : [{ sku, text: JSON.stringify(histories), expected: null as string | null }];
    });
    for (let attempt = 0; attempt < attempts && open.length > 0; attempt++) {
      const found = await texts.swap(open).catch(() => undefined);
      if (found === undefined) {
        for (const sku of skus) this.#unwritten.add(sku);
        return false;
      }
      open = open.flatMap(({ sku }, index) => {
        const other = found[index] ?? null;
        if (other === null) return [];
        const text = this.#merge({ sku, text: other.text ?? "[]" });
        return isSame(text, other.text) ? [] : [{ sku, text, expected: other.token }];
      });
    }
    for (const { sku } of open) this.#unwritten.add(sku);
    return true;
  }

  /** @returns the text of what is known now */
  #merge({ sku, text }: KeptText): string {
    const latest = this.#options.clock.now() + believedAheadMs;
    const kept = (JSON.parse(text) as PriceHistory[]).filter(({ saidAt }) => saidAt <= latest);
    return JSON.stringify(this.#options.journal.addHistories(sku, kept));
  }
}

/** When the present price was said last is no news: it is said all day. */
function isSame(text: string, other: string | null): boolean {
  return other !== null && withoutSaid(text) === withoutSaid(other);
}

function withoutSaid(text: string): string {
  return JSON.stringify((JSON.parse(text) as PriceHistory[]).map((history) => ({ ...history, saidAt: 0 })));
}
