import type { Clock } from "../clock.js";
import type { Logger } from "../telemetry/logger.js";
import type { ChangedSku, JournalPosition, NotedKind } from "./change-journal.js";
import type { Journal } from "./journal.js";
import type { JournalEntry, JournalStore, SavedJournal } from "./journal-entry.js";
import { JournalSlots } from "./journal-slots.js";
import { JournalWriter } from "./journal-writer.js";
import { mergeHistories } from "./merged-history.js";
import {
  type LowestNets,
  lookBackMs,
  lowestOf,
  type PriceHistory,
  type SeenPrice,
  withPrice,
} from "./price-history.js";

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

/**
 * After a restart sequences go on from beyond any that was told before: what was told but not yet written down when the
 * process died must not be told again of something else.
 */
const restartGap = 1_000_000;

/** Of a run whose pages were told by several journals: none of them can go on from it. */
const nobodysEpoch = "";

/**
 * The journal of one process, in memory, and in a store behind where one is given. Entries stand in the order of their latest change
 * (or first sight, where none changed), and the first go when there are too many: then cursors from before the change of such a one are
 * lost, and an SKU that is not known may be one that was forgotten, so its sight counts as a change.
 */
export class KeptJournal implements Journal {
  readonly #options: KeptJournalOptions;
  #epoch: string;
  /** Of places that this process alone can go on from: what was seen since could not be written down. */
  readonly #passingEpoch: string;
  #sequence = 0;
  #horizon = 0;
  #hasForgotten = false;
  #followedTo: string | null = null;
  readonly #entries = new JournalSlots();
  readonly #writer: JournalWriter | null;

  constructor(options: KeptJournalOptions) {
    this.#options = options;
    this.#epoch = options.epoch;
    this.#passingEpoch = `${options.epoch}~`;
    const { store } = options;
    const saved = store?.load() ?? null;
    const toSaved = () => this.#toSaved();
    this.#writer = store === null ? null : new JournalWriter({ ...options, store, entries: this.#entries, toSaved });
    if (saved !== null) this.#restore(saved.journal, saved.entries);
  }

  get size(): number {
    return this.#entries.size;
  }

  get unsaved(): number {
    return this.#writer?.unsaved ?? 0;
  }

  get newest(): number {
    return this.#sequence;
  }

  get horizon(): number {
    return this.#horizon;
  }

  get followedTo(): string | null {
    return this.#followedTo;
  }

  set followedTo(cursor: string) {
    this.#followedTo = cursor;
    this.#writer?.saveSoon();
  }

  async head(): Promise<JournalPosition> {
    return this.#toLasting({ epoch: this.#epoch, sequence: this.#sequence });
  }

  async reaches({ epoch, sequence }: JournalPosition): Promise<boolean> {
    const isOurs = epoch === this.#epoch || epoch === this.#passingEpoch;
    return isOurs && sequence >= this.#horizon && sequence <= this.#sequence;
  }

  async changesBetween(after: number, until: number, limit: number): Promise<readonly ChangedSku[]> {
    const changes: ChangedSku[] = [];
    for (const slot of this.#entries.inOrder()) {
      const sequence = this.#entries.changedAt(slot);
      if (sequence <= after || sequence > until) continue;
      changes.push({ sku: this.#entries.skuAt(slot), sequence });
      if (changes.length === limit) break;
    }
    return changes;
  }

  note(sku: string, kind: NotedKind, digest: number): void {
    const slot = this.#entries.find(sku);
    if (slot === 0) {
      this.#add({ ...blank(sku), [kind]: digest });
      return;
    }
    const before = this.#entries.digestAt(slot, kind);
    if (before === digest) return;
    this.#entries.setDigest(slot, kind, digest);
    if (before !== null) this.#change(slot);
    this.#writer?.add(sku);
  }

  touch(skus: Iterable<string>): void {
    const touched = [...skus];
    for (const sku of touched) {
      const slot = this.#entries.find(sku);
      if (slot === 0) this.#add(blank(sku), true);
      else this.#doubt(slot);
    }
    // Nothing that is seen later would tell of it again.
    this.#writer?.save(touched);
  }

  touchAll(): void {
    // Where each stands; moved one by one behind the others, all of them would come to the same order.
    for (const slot of this.#entries.inOrder()) {
      this.#forgetDigests(slot);
      this.#entries.setChanged(slot, ++this.#sequence);
    }
    // Those that were forgotten cannot be named.
    if (this.#hasForgotten) this.#horizon = ++this.#sequence;
    this.#writer?.touchAll();
  }

  async keep(skus: Iterable<string>, head: JournalPosition): Promise<JournalPosition> {
    this.#writer?.save(skus);
    return this.#toLasting(head);
  }

  knows(sku: string): boolean {
    return this.#entries.find(sku) !== 0;
  }

  notePrice(sku: string, seen: SeenPrice): void {
    const slot = this.#entries.find(sku);
    if (slot === 0) return;
    const histories = this.#entries.historiesAt(slot);
    const before = histories.find(({ currency }) => currency === seen.currency);
    const after = withPrice(before, seen);
    if (after === before) return;
    this.#entries.setHistories(slot, [...histories.filter((history) => history !== before), after]);
    if (after.prices !== before?.prices) this.#writer?.add(sku);
  }

  lowestNetsOf(sku: string, currency: string): LowestNets {
    const slot = this.#entries.find(sku);
    const now = this.#options.clock.now();
    // Asked for every price that is told, and mostly by a journal that is younger than that.
    if (!this.#entries.isWatchedSince(slot, now - lookBackMs)) return { lowest: null, prior: null };
    const histories = this.#entries.historiesAt(slot);
    const history = histories.find((each) => each.currency === currency);
    if (history === undefined) return { lowest: null, prior: null };
    return { lowest: lowestOf(history, now), prior: history.prior };
  }

  /** What another journal knows of this SKU's prices. @returns what is known of them now */
  addHistories(sku: string, histories: readonly PriceHistory[]): readonly PriceHistory[] {
    // Whoever tells it has it already, so nothing is to be written down.
    const slot = this.#entries.find(sku) || this.#entries.add(blank(sku));
    const merged = mergeHistories(this.#entries.historiesAt(slot), histories);
    this.#entries.setHistories(slot, merged);
    this.#forgetTooMany();
    return merged;
  }

  historiesOf(sku: string): readonly PriceHistory[] {
    return this.#entries.historiesAt(this.#entries.find(sku));
  }

  *knownSkus(): Generator<string, void> {
    for (const slot of this.#entries.inOrder()) yield this.#entries.skuAt(slot);
  }

  close(): void {
    this.#writer?.close();
  }

  #restore(journal: SavedJournal, entries: readonly JournalEntry[]): void {
    this.#epoch = journal.epoch;
    this.#horizon = journal.horizon;
    this.#sequence = journal.sequence + restartGap;
    this.#hasForgotten = journal.hasForgotten;
    this.#followedTo = journal.followedTo;
    const now = this.#options.clock.now();
    for (const entry of entries) {
      // Where the clock was ahead and is right again, nothing would be later than what was said then.
      const histories = entry.histories.filter(({ saidAt }) => saidAt <= now);
      this.#entries.add({ ...entry, histories });
    }
    this.#forgetTooMany(); // the bound may have been lowered
    if (journal.isAllTouched) this.touchAll();
    this.#writer?.saveSoon();
  }

  #add(entry: JournalEntry, isChanged = this.#hasForgotten): void {
    const slot = this.#entries.add(entry);
    this.#writer?.add(entry.sku);
    if (isChanged) this.#change(slot);
    this.#forgetTooMany();
  }

  /** Changed, to nobody knows what: the next sight tells what to, and is no second change. */
  #doubt(slot: number): void {
    this.#forgetDigests(slot);
    this.#change(slot);
  }

  #change(slot: number): void {
    this.#entries.setChanged(slot, ++this.#sequence);
    this.#entries.moveBehindAll(slot);
    this.#writer?.add(this.#entries.skuAt(slot));
  }

  #forgetDigests(slot: number): void {
    this.#entries.setDigest(slot, "price", null);
    this.#entries.setDigest(slot, "stock", null);
  }

  #forgetTooMany(): void {
    while (this.#entries.size > this.#options.maxSkus) {
      const { first } = this.#entries;
      const sku = this.#entries.skuAt(first);
      this.#horizon = Math.max(this.#horizon, this.#entries.changedAt(first));
      this.#hasForgotten = true;
      this.#entries.delete(first);
      this.#writer?.forget(sku);
    }
  }

  /** A place in another journal is lost there, too: that one does not know what this one told. */
  #toLasting(position: JournalPosition): JournalPosition {
    if (position.epoch === this.#passingEpoch) return position;
    if (position.epoch !== this.#epoch) return { ...position, epoch: nobodysEpoch };
    return this.#writer?.isFailing ? { ...position, epoch: this.#passingEpoch } : position;
  }

  #toSaved(): Omit<SavedJournal, "isAllTouched"> {
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
