import type { KeyNames, NamedLists } from "../pricing/invalidation.js";
import type { Key, Unknown } from "../pricing/source.js";
import { Cells, cellsFor } from "./cells.js";
import type { Codec, Json } from "./codec.js";
import type { Entry, Times } from "./freshness.js";
import { IdTable } from "./id-table.js";
import { NameIndex } from "./name-index.js";
import { RecordReader, RecordWriter } from "./record-bytes.js";
import { SharedParts } from "./shared-parts.js";
import { bytesPerSlot, Slots, word } from "./slots.js";

/** What a record begins with, shared by nearly all: what the ERP said, how the rest is read, and the key's shared parts. */
type Lot = readonly [
  what: Unknown["what"] | null,
  /** From `computedAt` to `staleUntil`; null where this is no integer, and the instant follows. */
  staleForMs: number | null,
  ownOfKey: number,
  partsOfAnswer: number,
  partsOfKey: readonly Json[],
];

/** A record's head: its times, and its lot. The reader stands behind it. */
interface Head extends Times {
  readonly lot: Lot;
}

const chunksOfBound = 64;
/** Of slots and of cells: 2^12 slots are 144 kB. */
const largestChunkBits = 12;
/** Bytes of the bound for each bucket. An answer takes somewhat less. */
const bytesPerBucket = 128;

/**
 * Answers as records of some 30 bytes: times as distances, decimals as integers with a scale, and what many answers have in common as
 * numbers of {@link SharedParts}. See docs/decisions/0019-answers-are-kept-as-records.md.
 */
export class PackedAnswers<K extends Key, Answer> {
  readonly slots: Slots;
  readonly #cells: Cells;
  readonly #ids: IdTable;
  readonly #names: NameIndex;
  readonly #parts = new SharedParts();
  readonly #codec: Codec<K, Answer>;
  readonly #writer = new RecordWriter();
  readonly #reader = new RecordReader();
  readonly #own = () => this.#reader.readValue();
  #size = 0;
  /** What times are counted from, so that they are small. In ms since the epoch. */
  #base: number | null = null;
  /** Where the writer's record goes on behind its times. */
  #bodyAt = 0;

  constructor(maxBytes: number, codec: Codec<K, Answer>) {
    this.#codec = codec;
    const bits = Math.min(
      largestChunkBits,
      Math.max(2, Math.floor(Math.log2(maxBytes / chunksOfBound / bytesPerSlot))),
    );
    this.slots = new Slots(bits);
    this.#cells = new Cells(bits);
    this.#ids = new IdTable(maxBytes / bytesPerBucket);
    this.#names = new NameIndex(this.slots);
  }

  /** What is allocated for slots and records, used or not. */
  get chunkBytes(): number {
    return this.slots.bytes + this.#cells.bytes;
  }

  /** All of it; names and shared parts as they are estimated. */
  get bytes(): number {
    return this.chunkBytes + this.#ids.bytes + this.#names.bytes + this.#parts.bytes;
  }

  /** Writes a record, which is to be put next, or else dropped. @returns how many cells it needs */
  pack(key: K, entry: Entry<Answer>, names: KeyNames): number {
    const { said, computedAt, freshUntil, staleUntil } = entry;
    this.#base ??= Number.isSafeInteger(computedAt) ? computedAt : 0;
    const writer = this.#writer;
    writer.reset();
    writer.writeInstant(computedAt, this.#base);
    writer.writeInstant(freshUntil, computedAt);
    this.#bodyAt = writer.length;
    const ofKey = this.#codec.splitKey(key);
    const ofAnswer = said.kind === "found" ? this.#codec.splitAnswer(said.answer, names) : { shared: [], own: [] };
    const staleFor = staleUntil - computedAt;
    const isWhole = Number.isSafeInteger(staleFor) && computedAt + staleFor === staleUntil;
    const what = said.kind === "found" ? null : said.what;
    const lot: Lot = [what, isWhole ? staleFor : null, ofKey.own.length, ofAnswer.shared.length, ofKey.shared];
    this.#writePart(lot);
    if (!isWhole) writer.writeInstant(staleUntil, computedAt);
    for (const value of ofKey.own) writer.writeValue(value);
    for (const part of ofAnswer.shared) this.#writePart(part);
    for (const value of ofAnswer.own) writer.writeValue(value);
    return cellsFor(writer.length);
  }

  /** Of the record that was packed, nothing is kept. */
  drop(): void {
    this.#reader.bytes = this.#writer.bytes;
    this.#reader.position = 0;
    this.#releaseParts();
  }

  /** By how much {@link chunkBytes} grows where a record of so many cells is put, at most. */
  growthFor(cells: number): number {
    return this.slots.growth + this.#cells.growthFor(cells);
  }

  /** What an answer takes that shares nothing with others but the parts that nearly all share. */
  costOf(cells: number, names: KeyNames): number {
    return bytesPerSlot + Cells.bytesOf(cells) + this.#names.costOf(names);
  }

  /** What {@link costOf} told of it. */
  costAt(slot: number): number {
    return this.costOf(this.cellsAt(slot), this.#names.namesOf(slot));
  }

  cellsAt(slot: number): number {
    return this.#cells.lengthOf(this.#recordOf(slot));
  }

  /** Whether what is kept there differs from the record that was packed in nothing but its times. The id must be the same. */
  saysTheSame(slot: number): boolean {
    this.#open(slot);
    this.#reader.readInstant(0);
    this.#reader.readInstant(0);
    const { bytes, position } = this.#reader;
    const length = this.#writer.length - this.#bodyAt;
    if (position + length > bytes.length) return false;
    // What stands behind a record's end is never compared with: the same parts mean the same number of values.
    return this.#writer.bytes.compare(bytes, position, position + length, this.#bodyAt, this.#writer.length) === 0;
  }

  /** Which partition an answer is in; at first that of buyers. */
  isFeeds(slot: number): boolean {
    return this.slots.get(slot, word.record) % 2 === 1;
  }

  setFeeds(slot: number, isFeeds: boolean): void {
    this.slots.set(slot, word.record, 2 * this.#recordOf(slot) + (isFeeds ? 1 : 0));
  }

  /** Whether a slot that {@link find} told is not deleted by now; only where none was added since. */
  has(slot: number): boolean {
    return this.slots.get(slot, word.record) !== 0;
  }

  /** Puts the record that was packed, under an id that nothing is kept under. @returns its slot */
  add(id: string, names: KeyNames): number {
    const slot = this.slots.take();
    this.slots.set(slot, word.chain, this.#ids.chainOf(id));
    this.#ids.setChain(id, slot);
    this.#size++;
    this.#fill(slot, names, 0);
    return slot;
  }

  /** Puts the record that was packed in place of another one of the same id, in the same partition. */
  replace(slot: number, names: KeyNames): void {
    const partition = this.slots.get(slot, word.record) % 2;
    this.#empty(slot);
    this.#fill(slot, names, partition);
  }

  delete(slot: number, id: string): void {
    const next = this.slots.get(slot, word.chain);
    const first = this.#ids.chainOf(id);
    if (first === slot) this.#ids.setChain(id, next);
    else {
      let before = first;
      while (this.slots.get(before, word.chain) !== slot) before = this.slots.get(before, word.chain);
      this.slots.set(before, word.chain, next);
    }
    this.#empty(slot);
    this.slots.free(slot);
    this.#size--;
  }

  /** @returns 0 where nothing is kept under this id */
  find(id: string): number {
    let slot = this.#ids.chainOf(id);
    // By the id itself, in full: nobody is told another one's price.
    while (slot !== 0 && !this.#isUnder(id, slot)) slot = this.slots.get(slot, word.chain);
    return slot;
  }

  findNamed(lists: NamedLists): Set<number> {
    return this.#names.find(lists);
  }

  keyAt(slot: number): K {
    this.#open(slot);
    const { lot } = this.#readHead();
    return this.#codec.joinKey(lot[4], this.#own, this.#names.namesOf(slot));
  }

  /** As of {@link entryAt}, without what the ERP said. */
  timesAt(slot: number): Times {
    this.#open(slot);
    return this.#readHead();
  }

  entryAt(slot: number): Entry<Answer> {
    this.#open(slot);
    const { lot, computedAt, freshUntil, staleUntil } = this.#readHead();
    const [what, , ownOfKey, partsOfAnswer] = lot;
    if (what !== null) return { said: { kind: "unknown", what }, computedAt, freshUntil, staleUntil };
    for (let index = 0; index < ownOfKey; index++) this.#own();
    const parts: Json[] = [];
    while (parts.length < partsOfAnswer) parts.push(this.#readPart());
    const answer = this.#codec.joinAnswer(parts, this.#own, this.#names.namesOf(slot));
    return { said: { kind: "found", answer }, computedAt, freshUntil, staleUntil };
  }

  #recordOf(slot: number): number {
    return this.slots.get(slot, word.record) >>> 1;
  }

  #open(slot: number): void {
    this.#cells.open(this.#recordOf(slot), this.#reader);
  }

  #readHead(): Head {
    const reader = this.#reader;
    const computedAt = reader.readInstant(this.#base as number);
    const freshUntil = reader.readInstant(computedAt);
    const lot = this.#readPart() as Lot;
    const staleUntil = lot[1] === null ? reader.readInstant(computedAt) : computedAt + lot[1];
    return { computedAt, freshUntil, staleUntil, lot };
  }

  #isUnder(id: string, slot: number): boolean {
    this.#open(slot);
    const { lot } = this.#readHead();
    return this.#codec.hasId(id, lot[4], this.#own, this.#names.namesOf(slot));
  }

  #writePart(part: Json): void {
    const text = JSON.stringify(part);
    const number = this.#parts.use(text, this.#size);
    this.#writer.writeVarint(number);
    if (number === 0) this.#writer.writeText(text);
  }

  #readPart(): Json {
    const number = this.#reader.readVarint();
    return number === 0 ? (JSON.parse(this.#reader.readText()) as Json) : this.#parts.valueOf(number);
  }

  #fill(slot: number, names: KeyNames, partition: number): void {
    const record = this.#cells.write(this.#writer.bytes, this.#writer.length);
    this.slots.set(slot, word.record, 2 * record + partition);
    this.#names.add(slot, names);
  }

  #empty(slot: number): void {
    this.#open(slot);
    this.#releaseParts();
    this.#cells.free(this.#recordOf(slot));
    this.#names.remove(slot);
  }

  /** Of the record that the reader is at. */
  #releaseParts(): void {
    this.#reader.readInstant(0);
    this.#reader.readInstant(0);
    const [, staleFor, ownOfKey, partsOfAnswer] = this.#releasePart() as Lot;
    if (staleFor === null) this.#reader.readInstant(0);
    for (let index = 0; index < ownOfKey; index++) this.#own();
    for (let index = 0; index < partsOfAnswer; index++) this.#releasePart();
  }

  #releasePart(): Json {
    const number = this.#reader.readVarint();
    if (number === 0) return JSON.parse(this.#reader.readText()) as Json;
    const part = this.#parts.valueOf(number);
    this.#parts.release(number);
    return part;
  }
}
