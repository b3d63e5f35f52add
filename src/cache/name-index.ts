import type { KeyNames, NamedLists } from "../pricing/invalidation.js";
import { costOf, NameTable } from "./name-table.js";
import { type Slots, word } from "./slots.js";

/**
 * Which answers are about whom, so that what an invalidation names is found. SKUs are named one by one all day long: the answers about
 * one are a list that runs through their slots. Customers and price scopes are looked for by a walk over a column of numbers,
 * which costs a millisecond for a million answers and half the memory.
 */
export class NameIndex {
  readonly #slots: Slots;
  readonly #names = { sku: new NameTable(), customer: new NameTable(), priceScope: new NameTable() };
  /** By the number of an SKU: the first slot of its list. */
  readonly #firstOfSku: number[] = [0];

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  get bytes(): number {
    return this.#names.sku.bytes + this.#names.customer.bytes + this.#names.priceScope.bytes;
  }

  /** What these names cost in bytes where nothing else has them. */
  costOf({ sku, customer, priceScope }: KeyNames): number {
    return [sku, customer, priceScope].reduce((sum, name) => sum + (name === undefined ? 0 : costOf(name)), 0);
  }

  add(slot: number, { sku, customer, priceScope }: KeyNames): void {
    if (sku !== undefined) this.#linkSku(slot, this.#names.sku.use(sku));
    if (customer !== undefined) this.#slots.setName(slot, "customer", this.#names.customer.use(customer));
    if (priceScope !== undefined) this.#slots.setName(slot, "priceScope", this.#names.priceScope.use(priceScope));
  }

  remove(slot: number): void {
    const sku = this.#slots.get(slot, word.sku);
    if (sku !== 0) this.#unlinkSku(slot, sku);
    for (const column of columns) {
      const name = this.#slots.nameOf(slot, column);
      if (name !== 0) this.#names[column].release(name);
      this.#slots.setName(slot, column, 0);
    }
  }

  namesOf(slot: number): KeyNames {
    const sku = this.#slots.get(slot, word.sku);
    const customer = this.#slots.nameOf(slot, "customer");
    const priceScope = this.#slots.nameOf(slot, "priceScope");
    const names: { -readonly [Dimension in keyof KeyNames]: KeyNames[Dimension] } = {};
    if (sku !== 0) names.sku = this.#names.sku.nameOf(sku);
    if (customer !== 0) names.customer = this.#names.customer.nameOf(customer);
    if (priceScope !== 0) names.priceScope = this.#names.priceScope.nameOf(priceScope);
    return names;
  }

  /** @returns the slots of all answers that have a name of any list */
  find(lists: NamedLists): Set<number> {
    const found = new Set<number>();
    for (const name of lists.sku ?? []) {
      const first = this.#firstOfSku[this.#names.sku.numberOf(name)] as number;
      for (let slot = first; slot !== 0; slot = this.#slots.get(slot, word.nextOfSku)) found.add(slot);
    }
    for (const column of columns) {
      const numbers = [...(lists[column] ?? [])].map((name) => this.#names[column].numberOf(name));
      for (const slot of this.#slots.findNamed(column, new Set(numbers.filter((number) => number !== 0))))
        found.add(slot);
    }
    return found;
  }

  #linkSku(slot: number, sku: number): void {
    const next = this.#firstOfSku[sku] ?? 0;
    this.#slots.set(slot, word.sku, sku);
    this.#slots.set(slot, word.nextOfSku, next);
    this.#slots.set(slot, word.previousOfSku, 0);
    if (next !== 0) this.#slots.set(next, word.previousOfSku, slot);
    this.#firstOfSku[sku] = slot;
  }

  #unlinkSku(slot: number, sku: number): void {
    const next = this.#slots.get(slot, word.nextOfSku);
    const previous = this.#slots.get(slot, word.previousOfSku);
    if (previous === 0) this.#firstOfSku[sku] = next;
    else this.#slots.set(previous, word.nextOfSku, next);
    if (next !== 0) this.#slots.set(next, word.previousOfSku, previous);
    this.#slots.set(slot, word.sku, 0);
    this.#names.sku.release(sku);
  }
}

const columns = ["customer", "priceScope"] as const;
