import type { Clock } from "../clock.js";
import type { Logger } from "../telemetry/logger.js";
import { firstOf } from "./first-of.js";
import type { JournalStore, SavedJournal } from "./journal-entry.js";
import type { JournalSlots } from "./journal-slots.js";

export interface JournalWriterOptions {
  readonly store: JournalStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What stands in memory, read at the moment of writing. */
  readonly entries: JournalSlots;
  readonly toSaved: () => Omit<SavedJournal, "isAllTouched">;
}

/** How soon what was seen is written down, in ms. */
const saveAfterMs = 1_000;
/** A write holds up all else in the process, 250 SKUs some 1.5 ms, so where there are more they follow in turns. In ms. */
const savedAtOnce = 250;
const nextTurnMs = 50;

/** Writes a journal down behind it. A store that fails costs cursors after a restart, and nothing of what is answered. */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #unsaved = new Set<string>();
  readonly #forgotten = new Set<string>();
  #isAllTouched = false;
  #isSaveSet = false;
  #isFailing = false;
  #isClosed = false;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
  }

  /** Whether the latest write failed: nobody knows what a next process will find. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** SKUs whose entry is not written down as it stands. */
  get unsaved(): number {
    return this.#unsaved.size;
  }

  /** Its entry is another one than was written. */
  add(sku: string): void {
    this.#unsaved.add(sku);
    this.#forgotten.delete(sku);
    this.saveSoon();
  }

  forget(sku: string): void {
    this.#unsaved.delete(sku);
    this.#forgotten.add(sku);
    this.saveSoon();
  }

  /** All count as changed: written at once in one word, and each by itself in its turn. */
  touchAll(): void {
    const { entries } = this.#options;
    for (const slot of entries.inOrder()) this.#unsaved.add(entries.skuAt(slot));
    this.#isAllTouched = this.#unsaved.size > 0;
    this.save([]);
    this.saveSoon();
  }

  saveSoon(afterMs = saveAfterMs): void {
    if (this.#isSaveSet || this.#isClosed) return;
    this.#isSaveSet = true;
    this.#options.clock.after(afterMs, () => {
      this.#isSaveSet = false;
      this.save(firstOf(this.#unsaved, savedAtOnce));
      if (this.#unsaved.size > 0) this.saveSoon(this.#isFailing ? saveAfterMs : nextTurnMs);
    });
  }

  /** Writes these now, as far as they are not written yet. */
  save(skus: Iterable<string>): void {
    if (this.#isClosed) return;
    const { store, entries, toSaved } = this.#options;
    const saved = [...skus].flatMap((sku) => (this.#unsaved.has(sku) ? (entries.entryOf(sku) ?? []) : []));
    const isAllTouched = this.#isAllTouched && saved.length < this.#unsaved.size;
    try {
      store.save({ ...toSaved(), isAllTouched }, saved, this.#forgotten);
    } catch (error) {
      this.#tellFailing(error);
      return;
    }
    this.#isAllTouched = isAllTouched;
    for (const { sku } of saved) this.#unsaved.delete(sku);
    this.#forgotten.clear();
    if (this.#isFailing) this.#options.logger.info("the journal of changes is written down again");
    this.#isFailing = false;
  }

  /** Writes what was not yet, and lets go of the store. */
  close(): void {
    if (this.#isClosed) return;
    this.save(this.#unsaved);
    this.#isClosed = true;
    this.#options.store.close();
  }

  #tellFailing(error: unknown): void {
    if (!this.#isFailing)
      this.#options.logger.error({ err: error }, "the journal of changes could not be written down");
    this.#isFailing = true;
    this.saveSoon();
  }
}
