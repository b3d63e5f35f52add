import type { NotedKind } from "./change-journal.js";
import { grown } from "./columns.js";
import type { JournalEntry } from "./journal-entry.js";
import { PackedHistories } from "./packed-histories.js";
import type { PriceHistory } from "./price-history.js";

/** Slots that there is room for at first; twice as many whenever they are full. */
const firstRoom = 1_024;

/**
 * The entries of a journal in their order, in columns of numbers: an object for each was most of what a gateway held in its heap after
 * a sweep, and what the collector walked through. Slots have numbers from 1.
 */
export class JournalSlots {
  readonly #slots = new Map<string, number>();
  readonly #skus: string[] = [""];
  readonly #histories = new PackedHistories(firstRoom);
  #changed = new Float64Array(firstRoom);
  /** NaN for none. */
  #digests: Readonly<Record<NotedKind, Float64Array>> = {
    price: new Float64Array(firstRoom),
    stock: new Float64Array(firstRoom),
  };
  /** Neighbours in the order; of a slot that is free, `#after` is the next free one. */
  #before = new Uint32Array(firstRoom);
  #after = new Uint32Array(firstRoom);
  #first = 0;
  #last = 0;
  #firstFree = 0;

  get size(): number {
    return this.#slots.size;
  }

  /** The slot that stands first; 0 where there is none. */
  get first(): number {
    return this.#first;
  }

  /** @returns 0 where nothing is remembered of it */
  find(sku: string): number {
    return this.#slots.get(sku) ?? 0;
  }

  /** Puts an entry of an SKU that has none behind all others. @returns its slot */
  add({ sku, changed, price, stock, histories }: JournalEntry): number {
    const slot = this.#take();
    this.#slots.set(sku, slot);
    this.#skus[slot] = sku;
    this.#changed[slot] = changed;
    this.setDigest(slot, "price", price);
    this.setDigest(slot, "stock", stock);
    this.#histories.set(slot, histories);
    this.#append(slot);
    return slot;
  }

  delete(slot: number): void {
    this.#slots.delete(this.skuAt(slot));
    this.#skus[slot] = "";
    this.#histories.set(slot, []);
    this.#unlink(slot);
    this.#after[slot] = this.#firstFree;
    this.#firstFree = slot;
  }

  moveBehindAll(slot: number): void {
    this.#unlink(slot);
    this.#append(slot);
  }

  skuAt(slot: number): string {
    return this.#skus[slot] as string;
  }

  /** The sequence of its latest change; 0 for none. */
  changedAt(slot: number): number {
    return this.#changed[slot] as number;
  }

  setChanged(slot: number, sequence: number): void {
    this.#changed[slot] = sequence;
  }

  digestAt(slot: number, kind: NotedKind): number | null {
    const digest = this.#digests[kind][slot] as number;
    return Number.isNaN(digest) ? null : digest;
  }

  setDigest(slot: number, kind: NotedKind, digest: number | null): void {
    this.#digests[kind][slot] = digest ?? Number.NaN;
  }

  historiesAt(slot: number): readonly PriceHistory[] {
    return this.#histories.get(slot);
  }

  /** Whether there may be more to tell of its prices than the present one: not where all that is known began later. */
  isWatchedSince(slot: number, since: number): boolean {
    return this.#histories.mayReach(slot, since);
  }

  setHistories(slot: number, histories: readonly PriceHistory[]): void {
    this.#histories.set(slot, histories);
  }

  entryOf(sku: string): JournalEntry | null {
    const slot = this.find(sku);
    if (slot === 0) return null;
    const [price, stock] = [this.digestAt(slot, "price"), this.digestAt(slot, "stock")];
    return { sku, changed: this.changedAt(slot), price, stock, histories: this.historiesAt(slot) };
  }

  /** In their order; none may be deleted or moved meanwhile. */
  *inOrder(): Generator<number, void> {
    for (let slot = this.#first; slot !== 0; slot = this.#after[slot] as number) yield slot;
  }

  #take(): number {
    const free = this.#firstFree;
    if (free !== 0) {
      this.#firstFree = this.#after[free] as number;
      return free;
    }
    const slot = this.#skus.length;
    if (slot === this.#changed.length) this.#grow(2 * slot);
    return slot;
  }

  #grow(room: number): void {
    this.#changed = grown(this.#changed, room);
    this.#digests = { price: grown(this.#digests.price, room), stock: grown(this.#digests.stock, room) };
    this.#before = grown(this.#before, room);
    this.#after = grown(this.#after, room);
    this.#histories.grow(room);
  }

  #append(slot: number): void {
    this.#before[slot] = this.#last;
    this.#after[slot] = 0;
    if (this.#last === 0) this.#first = slot;
    else this.#after[this.#last] = slot;
    this.#last = slot;
  }

  #unlink(slot: number): void {
    const [before, after] = [this.#before[slot] as number, this.#after[slot] as number];
    if (before === 0) this.#first = after;
    else this.#after[before] = after;
    if (after === 0) this.#last = before;
    else this.#before[after] = before;
  }
}
