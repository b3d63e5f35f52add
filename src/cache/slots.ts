/** The words of a slot; those that lead to other slots hold 0 for none. */
export const word = {
  /** Neighbours in a {@link RecencyList}. */
  older: 0,
  newer: 1,
  /** The next one in its bucket of the {@link IdTable}. */
  chain: 2,
  /** The first of the {@link Cells} of its record, above a bit that says in which partition it is. */
  record: 3,
  sku: 4,
  /** Neighbours among the answers about the same SKU. */
  nextOfSku: 5,
  previousOfSku: 6,
} as const;
const wordsPerSlot = Object.keys(word).length;

/** What of an answer's names is in a column of its own, since it is looked for by a walk over all of them. */
export type Column = "customer" | "priceScope";

/** What one slot takes, in bytes, with both columns. */
export const bytesPerSlot = 4 * (wordsPerSlot + 2);

interface Chunk {
  readonly words: Uint32Array;
  /** Made when an answer in it first has such a name: stocks have neither. */
  readonly columns: Record<Column, Uint32Array | null>;
}

/** Numbers from 1 for the answers that are kept, each with a few words of fixed size, outside the heap. */
export class Slots {
  readonly #chunks: Chunk[] = [];
  readonly #bits: number;
  readonly #mask: number;
  #firstFree = 0;

  /** @param chunkBits a chunk, which is what is allocated at a time, has 2^`chunkBits` slots */
  constructor(chunkBits: number) {
    this.#bits = chunkBits;
    this.#mask = 2 ** chunkBits - 1;
  }

  /** Of all chunks, their columns included, be they made or not. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes;
  }

  /** By how much {@link bytes} grows where one more is taken. */
  get growth(): number {
    return this.#firstFree === 0 ? this.#chunkBytes : 0;
  }

  get(slot: number, at: number): number {
    const index = slot - 1;
    return (this.#chunks[index >>> this.#bits] as Chunk).words[(index & this.#mask) * wordsPerSlot + at] as number;
  }

  set(slot: number, at: number, value: number): void {
    const index = slot - 1;
    (this.#chunks[index >>> this.#bits] as Chunk).words[(index & this.#mask) * wordsPerSlot + at] = value;
  }

  /** @returns a slot all of whose words are 0 */
  take(): number {
    if (this.#firstFree === 0) this.#grow();
    const slot = this.#firstFree;
    this.#firstFree = this.get(slot, word.older);
    this.set(slot, word.older, 0);
    return slot;
  }

  free(slot: number): void {
    for (let at = 0; at < wordsPerSlot; at++) this.set(slot, at, 0);
    this.setName(slot, "customer", 0);
    this.setName(slot, "priceScope", 0);
    this.set(slot, word.older, this.#firstFree);
    this.#firstFree = slot;
  }

  nameOf(slot: number, column: Column): number {
    const index = slot - 1;
    return (this.#chunks[index >>> this.#bits] as Chunk).columns[column]?.[index & this.#mask] ?? 0;
  }

  /** @param name 0 for none */
  setName(slot: number, column: Column, name: number): void {
    const { columns } = this.#chunks[(slot - 1) >>> this.#bits] as Chunk;
    if (columns[column] === null) {
      if (name === 0) return;
      columns[column] = new Uint32Array(this.#mask + 1);
    }
    columns[column][(slot - 1) & this.#mask] = name;
  }

  /** The slots whose name is one of these; 4 bytes are read of each slot there is, which takes about a millisecond for a million. */
  findNamed(column: Column, names: ReadonlySet<number>): number[] {
    const found: number[] = [];
    const [only = 0] = names;
    for (const [number, { columns }] of this.#chunks.entries()) {
      const named = columns[column];
      if (named === null || names.size === 0) continue;
      const before = (number << this.#bits) + 1;
      if (names.size === 1) {
        for (let at = named.indexOf(only); at >= 0; at = named.indexOf(only, at + 1)) found.push(before + at);
      } else for (const [at, name] of named.entries()) if (name !== 0 && names.has(name)) found.push(before + at);
    }
    return found;
  }

  get #chunkBytes(): number {
    return (this.#mask + 1) * bytesPerSlot;
  }

  #grow(): void {
    const count = this.#mask + 1;
    const first = this.#chunks.length * count + 1;
    this.#chunks.push({
      words: new Uint32Array(count * wordsPerSlot),
      columns: { customer: null, priceScope: null },
    });
    for (let slot = first; slot < first + count - 1; slot++) this.set(slot, word.older, slot + 1);
    this.#firstFree = first;
  }
}
