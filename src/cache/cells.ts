import type { RecordReader } from "./record-bytes.js";

/** A cell is eight words: where the next one of its record is, and 28 bytes of the record. */
const wordsPerCell = 8;
const bytesPerCell = 4 * wordsPerCell;
const payloadBytes = bytesPerCell - 4;

/** The same memory twice. */
interface Chunk {
  readonly words: Uint32Array;
  readonly bytes: Buffer;
}

/**
 * Records of any length, each a chain of cells of one size: whatever is freed serves whatever comes, so nothing is ever moved, and
 * no memory is lost between them. Outside the heap: the garbage collector has nothing to walk through. 0 is no cell.
 */
export class Cells {
  readonly #chunks: Chunk[] = [];
  readonly #chunkBits: number;
  readonly #mask: number;
  #firstFree = 0;
  #free = 0;

  /** @param chunkBits a chunk, which is what is allocated at a time, has 2^`chunkBits` cells */
  constructor(chunkBits: number) {
    this.#chunkBits = chunkBits;
    this.#mask = 2 ** chunkBits - 1;
  }

  static bytesOf(cells: number): number {
    return cells * bytesPerCell;
  }

  /** Of all chunks. */
  get bytes(): number {
    return this.#chunks.length * this.#chunkBytes;
  }

  /** By how much {@link bytes} grows where this many cells more are wanted. */
  growthFor(cells: number): number {
    return Math.max(0, Math.ceil((cells - this.#free) / (this.#mask + 1))) * this.#chunkBytes;
  }

  /** @returns the first cell of the record */
  write(bytes: Buffer, length: number): number {
    const needed = cellsFor(length);
    while (this.#free < needed) this.#grow();
    this.#free -= needed;
    const first = this.#firstFree;
    let last = first;
    for (let done = 0; done < length || done === 0; done += payloadBytes) {
      last = this.#firstFree;
      const { words, bytes: into } = this.#chunkOf(last);
      const at = this.#wordOf(last);
      this.#firstFree = words[at] as number;
      bytes.copy(into, 4 * (at + 1), done, Math.min(done + payloadBytes, length));
    }
    this.#setNext(last, 0);
    return first;
  }

  /**
   * Has `reader` read a record, behind whose end there may be bytes that mean nothing. Until anything is written or freed: a record of
   * one cell, as most are, is read where it is.
   */
  open(first: number, reader: RecordReader): void {
    const { words, bytes } = this.#chunkOf(first);
    const at = this.#wordOf(first);
    reader.bytes = bytes;
    reader.position = 4 * (at + 1);
    if (words[at] === 0) return;
    reader.bytes = Buffer.allocUnsafe(this.lengthOf(first) * payloadBytes);
    reader.position = 0;
    let done = 0;
    for (let cell = first; cell !== 0; cell = this.#next(cell), done += payloadBytes) {
      const from = 4 * (this.#wordOf(cell) + 1);
      this.#chunkOf(cell).bytes.copy(reader.bytes, done, from, from + payloadBytes);
    }
  }

  /** @returns how many cells a record has */
  lengthOf(first: number): number {
    let cells = 0;
    for (let cell = first; cell !== 0; cell = this.#next(cell)) cells++;
    return cells;
  }

  free(first: number): void {
    this.#free += this.lengthOf(first);
    let last = first;
    for (let next = this.#next(last); next !== 0; next = this.#next(last)) last = next;
    this.#setNext(last, this.#firstFree);
    this.#firstFree = first;
  }

  get #chunkBytes(): number {
    return (this.#mask + 1) * bytesPerCell;
  }

  #next(cell: number): number {
    return this.#chunkOf(cell).words[this.#wordOf(cell)] as number;
  }

  #setNext(cell: number, next: number): void {
    this.#chunkOf(cell).words[this.#wordOf(cell)] = next;
  }

  #chunkOf(cell: number): Chunk {
    return this.#chunks[(cell - 1) >>> this.#chunkBits] as Chunk;
  }

  #wordOf(cell: number): number {
    return ((cell - 1) & this.#mask) * wordsPerCell;
  }

  #grow(): void {
    const cells = this.#mask + 1;
    const from = this.#chunks.length * cells + 1;
    const words = new Uint32Array(cells * wordsPerCell);
    for (let number = 0; number < cells; number++) words[number * wordsPerCell] = from + number + 1;
    words[(cells - 1) * wordsPerCell] = this.#firstFree;
    this.#chunks.push({ words, bytes: Buffer.from(words.buffer) });
    this.#firstFree = from;
    this.#free += cells;
  }
}

/** How many cells a record of this many bytes takes. */
export function cellsFor(length: number): number {
  return Math.max(1, Math.ceil(length / payloadBytes));
}
