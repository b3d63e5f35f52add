import { type Slots, word } from "./slots.js";

/** Slots from the least recently used to the most. A slot is in one list at a time. */
export class RecencyList {
  readonly #slots: Slots;
  #oldest = 0;
  #newest = 0;
  #size = 0;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  get size(): number {
    return this.#size;
  }

  /** 0 for none. */
  get oldest(): number {
    return this.#oldest;
  }

  add(slot: number): void {
    this.#slots.set(slot, word.older, this.#newest);
    this.#slots.set(slot, word.newer, 0);
    if (this.#newest === 0) this.#oldest = slot;
    else this.#slots.set(this.#newest, word.newer, slot);
    this.#newest = slot;
    this.#size++;
  }

  remove(slot: number): void {
    const older = this.#slots.get(slot, word.older);
    const newer = this.#slots.get(slot, word.newer);
    if (older === 0) this.#oldest = newer;
    else this.#slots.set(older, word.newer, newer);
    if (newer === 0) this.#newest = older;
    else this.#slots.set(newer, word.older, older);
    this.#size--;
  }

  /** What was just used becomes the last to go. */
  touch(slot: number): void {
    if (slot === this.#newest) return;
    this.remove(slot);
    this.add(slot);
  }

  *[Symbol.iterator](): Generator<number> {
    for (let slot = this.#oldest; slot !== 0; slot = this.#slots.get(slot, word.newer)) yield slot;
  }
}
