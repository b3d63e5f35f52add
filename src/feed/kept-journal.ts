import type { Clock } from "../clock.js";
import type { Logger } from "../telemetry/logger.js";
import type { ChangedSku, ChangeJournal, JournalPosition, NotedKind } from "./change-journal.js";
import type { JournalEntry, JournalStore, SavedJournal } from "./journal-entry.js";
import { type LowestNets, lowestOf, type SeenPrice, withPrice } from "./price-history.js";

export interface KeptJournalOptions {
  /** Most SKUs that are remembered; a few hundred bytes each. */
  readonly maxSkus: number;
  readonly clock: Clock;
  /** A name for this journal that no other one has. */
  readonly epoch: string;
  /** Where it outlives the process; null for in memory alone. */
  readonly store: JournalStore | null;
  readonly logger: Logger;
}

/** How often what was seen is written down, in ms, and how many SKUs at a time, so that nothing waits for long. */
const saveEveryMs = 1_000;
const savedAtOnce = 5_000;

/**
 * After a restart sequences go on from beyond any that was told before: what was told but not yet written down when the
 * process died must not be told again of something else.
 */
const restartGap = 1_000_000;

/**
 * The journal of one process, in memory, and in a store behind where one is given. Entries stand in the order of their latest change
 * (or first sight, where none changed), and the first go when there are too many: then cursors from before the change of such a one are
 * lost, and an SKU that is not known may be one that was forgotten, so its sight counts as a change.
 */
export class KeptJournal implements ChangeJournal {
  readonly #options: KeptJournalOptions;
  #epoch: string;
  #sequence = 0;
  #horizon = 0;
  #hasForgotten = false;
  #followedTo: string | null = null;
  #isAllTouched = false;
  readonly #entries = new Map<string, JournalEntry>();
  readonly #unsaved = new Set<string>();
  readonly #forgotten = new Set<string>();
  #isSaveSet = false;
  #isFailing = false;
  #isClosed = false;

  constructor(options: KeptJournalOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    const saved = options.store?.load() ?? null;
    if (saved !== null) this.#restore(saved.journal, saved.entries);
  }

  /** SKUs that are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The sequence of the newest change. */
  get newest(): number {
    return this.#sequence;
  }

  /** The sequence of the newest change that was forgotten: no cursor from before it is of use; 0 where none was. */
  get horizon(): number {
    return this.#horizon;
  }

  /** Where the ERP's changes were followed up to, by whoever told of them; null where they were not. */
  get followedTo(): string | null {
    return this.#followedTo;
  }

  set followedTo(cursor: string) {
    this.#followedTo = cursor;
    this.#setSave();
  }

  async head(): Promise<JournalPosition> {
    return { epoch: this.#epoch, sequence: this.#sequence };
  }

  async reaches({ epoch, sequence }: JournalPosition): Promise<boolean> {
    return epoch === this.#epoch && sequence >= this.#horizon && sequence <= this.#sequence;
  }

  async changesBetween(after: number, until: number, limit: number): Promise<readonly ChangedSku[]> {
    const changes: ChangedSku[] = [];
    for (const { sku, changed } of this.#entries.values()) {
      if (changed <= after || changed > until) continue;
      changes.push({ sku, sequence: changed });
      if (changes.length === limit) break;
    }
    return changes;
  }

  note(sku: string, kind: NotedKind, digest: number): void {
    const entry = this.#entries.get(sku);
    if (entry === undefined) {
      this.#add({ ...blank(sku), [kind]: digest });
      return;
    }
    const before = entry[kind];
    if (before === digest) return;
    entry[kind] = digest;
    if (before !== null) this.#change(entry);
    this.#setUnsaved(sku);
  }

  touch(skus: Iterable<string>): void {
    const touched = [...skus];
    for (const sku of touched) {
      const entry = this.#entries.get(sku);
      if (entry === undefined) this.#add(blank(sku), true);
      else this.#doubt(entry);
    }
    // Nothing that is seen later would tell of it again.
    this.#save(touched);
  }

  touchAll(): void {
    for (const entry of [...this.#entries.values()]) this.#doubt(entry);
    // Those that were forgotten cannot be named.
    if (this.#hasForgotten) this.#horizon = ++this.#sequence;
    this.#isAllTouched = this.#unsaved.size > 0;
    this.#save([]);
  }

  async keep(skus: Iterable<string>): Promise<void> {
    this.#save(skus);
  }

  /** Whether anything is remembered of this SKU. */
  knows(sku: string): boolean {
    return this.#entries.has(sku);
  }

  /** A public price for one unit was seen. It is remembered with its SKU, once that was noted. */
  notePrice(sku: string, seen: SeenPrice): void {
    const entry = this.#entries.get(sku);
    if (entry === undefined) return;
    const before = entry.histories.find(({ currency }) => currency === seen.currency);
    const after = withPrice(before, seen);
    if (after === before) return;
    entry.histories = [...entry.histories.filter((history) => history !== before), after];
    if (after.prices !== before?.prices) this.#setUnsaved(sku);
  }

  /** The lowest public prices of one unit, over 30 days; null each where they were not watched for as long. */
  lowestNetsOf(sku: string, currency: string): LowestNets {
    const history = this.#entries.get(sku)?.histories.find((each) => each.currency === currency);
    if (history === undefined) return { lowest: null, prior: null };
    return { lowest: lowestOf(history, this.#options.clock.now()), prior: history.prior };
  }

  /** Writes down what was not yet, and lets go of the store. */
  close(): void {
    if (this.#isClosed) return;
    this.#save([...this.#unsaved]);
    this.#isClosed = true;
    this.#options.store?.close();
  }

  #restore(journal: SavedJournal, entries: readonly JournalEntry[]): void {
    this.#epoch = journal.epoch;
    this.#horizon = journal.horizon;
    this.#sequence = journal.sequence + restartGap;
    this.#hasForgotten = journal.hasForgotten;
    this.#followedTo = journal.followedTo;
    for (const entry of entries) this.#entries.set(entry.sku, entry);
    this.#forgetTooMany(); // the bound may have been lowered
    if (journal.isAllTouched) this.touchAll();
    this.#setSave();
  }

  #add(entry: JournalEntry, isChanged = this.#hasForgotten): void {
    this.#entries.set(entry.sku, entry);
    this.#forgotten.delete(entry.sku);
    this.#setUnsaved(entry.sku);
    if (isChanged) this.#change(entry);
    this.#forgetTooMany();
  }

  /** Changed, to nobody knows what: the next sight tells what to, and is no second change. */
  #doubt(entry: JournalEntry): void {
    entry.price = null;
    entry.stock = null;
    this.#change(entry);
  }

  #change(entry: JournalEntry): void {
    entry.changed = ++this.#sequence;
    this.#entries.delete(entry.sku);
    this.#entries.set(entry.sku, entry);
    this.#setUnsaved(entry.sku);
  }

  #forgetTooMany(): void {
    while (this.#entries.size > this.#options.maxSkus) {
      const [first] = this.#entries.values();
      if (first === undefined) return;
      this.#horizon = Math.max(this.#horizon, first.changed);
      this.#hasForgotten = true;
      this.#entries.delete(first.sku);
      this.#unsaved.delete(first.sku);
      if (this.#options.store !== null) this.#forgotten.add(first.sku);
    }
  }

  #setUnsaved(sku: string): void {
    if (this.#options.store === null) return;
    this.#unsaved.add(sku);
    this.#setSave();
  }

  #setSave(): void {
    if (this.#options.store === null || this.#isSaveSet || this.#isClosed) return;
    this.#isSaveSet = true;
    this.#options.clock.after(saveEveryMs, () => {
      this.#isSaveSet = false;
      this.#save([...this.#unsaved].slice(0, savedAtOnce));
      if (this.#unsaved.size > 0) this.#setSave();
    });
  }

  /** A store that fails costs cursors after a restart, and nothing of what is answered. */
  #save(skus: Iterable<string>): void {
    const { store, logger } = this.#options;
    if (store === null || this.#isClosed) return;
    const entries = [...skus].flatMap((sku) => (this.#unsaved.has(sku) ? (this.#entries.get(sku) ?? []) : []));
    try {
      const isAllTouched = this.#isAllTouched && entries.length < this.#unsaved.size;
      store.save({ ...this.#saved(), isAllTouched }, entries, this.#forgotten);
      this.#isAllTouched = isAllTouched;
      for (const { sku } of entries) this.#unsaved.delete(sku);
      this.#forgotten.clear();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) logger.error({ err: error }, "the journal of changes could not be written down");
      this.#isFailing = true;
      this.#setSave();
    }
  }

  #saved(): Omit<SavedJournal, "isAllTouched"> {
    return {
      epoch: this.#epoch,
      sequence: this.#sequence,
      horizon: this.#horizon,
      hasForgotten: this.#hasForgotten,
      followedTo: this.#followedTo,
    };
  }
}

function blank(sku: string): JournalEntry {
  return { sku, changed: 0, price: null, stock: null, histories: [] };
}
