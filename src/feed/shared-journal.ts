import type { Clock } from "../clock.js";
import type { ChangeRecord, RecordState, TextRecord } from "../pricing/change-record.js";
import type { Logger } from "../telemetry/logger.js";
import type { ChangedSku, JournalPosition, NotedKind } from "./change-journal.js";
import { cursorLost } from "./feed-cursor.js";
import { HistorySync } from "./history-sync.js";
import type { Journal } from "./journal.js";
import { KeptJournal } from "./kept-journal.js";
import type { LowestNets, SeenPrice } from "./price-history.js";
import { UnwrittenNotes } from "./unwritten-notes.js";

export interface SharedJournalOptions {
  readonly record: ChangeRecord;
  /** Where the histories of prices are shared. */
  readonly texts: TextRecord;
  /** Most SKUs that are remembered, here and in the record. */
  readonly maxSkus: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told each time that something could not be written down. */
  readonly onFailed: () => void;
}

/** How soon what was seen is written down, in ms, and again where it could not be. */
const writeAfterMs = 1_000;
/** Sealed in one breath, and noted by one script, 1 to 2 ms each; where there are more they follow in turns, in ms. */
const writtenAtOnce = 100;
const nextTurnMs = 50;
/** Between two questions for how the record stands, in ms. */
const beatMs = 1_000;
/** What a run writes before it begins, so that it tells what this replica saw before it. What is beyond is a next run's to tell. */
const batchesBeforeRun = 50;
/** What a process that ends may still write, within half a second or so. */
const batchesAtEnd = 100;
/** Scripts that it waits for until all that counts as changed is named. */
const namingScripts = 2_000;

/** Of places that nobody can go on from. */
const lostEpoch = "lost";

/**
 * The journal of changes that replicas share. Each writes behind what it sees, and the record compares it with what any of them saw before;
 * every question is the record's to answer. Where that cannot be asked, or what somebody is told cannot be written down, places are lost. What
 * prices were is kept in memory, and shared by the way.
 * @see docs/decisions/0037-replicas-have-one-journal.md
 */
export class SharedJournal implements Journal {
  readonly #options: SharedJournalOptions;
  /** Of which SKUs are known here, and their prices; its places mean nothing. */
  readonly #local: KeptJournal;
  readonly #histories: HistorySync;
  readonly #unwritten: UnwrittenNotes;
  #state: RecordState | null = null;
  #writing: Promise<unknown> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;
  #cancelBeat = () => {};
  #isFailing = false;
  #isClosed = false;

  constructor(options: SharedJournalOptions) {
    this.#options = options;
    const { maxSkus, clock, logger, texts } = options;
    this.#unwritten = new UnwrittenNotes(maxSkus);
    const onSaved = (sku: string) => this.#histories.add(sku);
    const store = {
      load: () => null,
      save(_: unknown, entries: Iterable<{ readonly sku: string }>) {
        for (const { sku } of entries) onSaved(sku);
      },
      close() {},
    };
    this.#local = new KeptJournal({ maxSkus, clock, epoch: "", store, logger });
    this.#histories = new HistorySync({ journal: this.#local, texts, clock, maxSkus });
  }

  get size(): number {
    return this.#state?.size ?? 0;
  }

  get unsaved(): number {
    return this.#unwritten.size;
  }

  get newest(): number {
    return this.#state?.sequence ?? 0;
  }

  get horizon(): number {
    return this.#state?.horizon ?? 0;
  }

  /** The replicas themselves keep it, for all that share the journal. */
  get followedTo(): null {
    return null;
  }

  set followedTo(_: string | null) {}

  /** Hears from now on how the record stands, and what others know of prices. */
  start(): void {
    this.#histories.start();
    void this.#beat();
  }

  async head(): Promise<JournalPosition> {
    await this.#writeUnwritten(batchesBeforeRun);
    for (let asked = 0; asked < namingScripts; asked++) {
      const state = await this.#ask();
      if (state === null) break;
      if (!state.isPending) return { epoch: state.life, sequence: state.sequence };
    }
    return { epoch: lostEpoch, sequence: 0 };
  }

  async reaches({ epoch, sequence }: JournalPosition): Promise<boolean> {
    const state = epoch === lostEpoch ? null : await this.#ask();
    return state !== null && epoch === state.life && sequence >= state.horizon && sequence <= state.sequence;
  }

  async changesBetween(after: number, until: number, limit: number): Promise<readonly ChangedSku[]> {
    try {
      return await this.#options.record.changesBetween(after, until, limit);
    } catch {
      throw cursorLost("the place that was given, since the shared store does not tell what it keeps");
    }
  }

  note(sku: string, kind: NotedKind, digest: number, askedAt: number): void {
    this.#local.note(sku, kind, digest);
    this.#unwritten.note(sku, kind, { digest, askedAt });
    this.#writeAfter(writeAfterMs);
  }

  touch(skus: Iterable<string>): void {
    for (const sku of skus) this.#unwritten.touch(sku);
    void this.#writeUnwritten(1);
  }

  touchAll(): void {
    this.#unwritten.touchAll();
    void this.#writeUnwritten(1);
  }

  async keep(skus: Iterable<string>, head: JournalPosition): Promise<JournalPosition> {
    const told = [...skus];
    const isWritten = await this.#inTurn(async () => {
      while (this.#unwritten.hasAny(told)) if (!(await this.#write(told))) return false;
      return true;
    });
    // A run that another journal told a part of has a place in neither.
    return isWritten && head.epoch === this.#state?.life ? head : { ...head, epoch: lostEpoch };
  }

  knows(sku: string): boolean {
    return this.#local.knows(sku);
  }

  notePrice(sku: string, seen: SeenPrice): void {
    this.#local.notePrice(sku, seen);
  }

  lowestNetsOf(sku: string, currency: string): LowestNets {
    return this.#local.lowestNetsOf(sku, currency);
  }

  /** What the store does not take now is known to nobody any more, as after a crash. */
  async close(): Promise<void> {
    this.#local.close();
    await Promise.all([this.#writeUnwritten(batchesAtEnd), this.#histories.close()]);
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelBeat();
  }

  /** What is seen can be put into an order with what others see by the store's time alone, as it was heard of last before. */
  async #beat(): Promise<void> {
    const { record, clock } = this.#options;
    if (record.isUp) await this.#ask();
    if (!this.#isClosed) this.#cancelBeat = clock.after(beatMs, () => void this.#beat());
  }

  async #ask(): Promise<RecordState | null> {
    try {
      return this.#hear(await this.#options.record.state());
    } catch {
      return null;
    }
  }

  #writeAfter(ms: number): void {
    if (this.#cancelTimer !== null || this.#isClosed) return;
    this.#cancelTimer = this.#options.clock.after(ms, () => {
      this.#cancelTimer = null;
      void this.#writeUnwritten(1);
    });
  }

  /** In batches, as long as there are any and the store takes them. */
  #writeUnwritten(batches: number): Promise<void> {
    return this.#inTurn(async () => {
      for (let written = 0; written < batches && !this.#unwritten.isEmpty; written++)
        if (!(await this.#write([]))) break;
      if (!this.#unwritten.isEmpty) this.#writeAfter(this.#isFailing ? writeAfterMs : nextTurnMs);
    });
  }

  /** One after the other, so that the record has what this replica saw in its order. */
  #inTurn<T>(write: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(write);
    this.#writing = done.catch(() => {});
    return done;
  }

  /** Of these first. @returns whether it was written down */
  async #write(first: readonly string[]): Promise<boolean> {
    const { record, logger, onFailed } = this.#options;
    const batch = this.#unwritten.take(first, writtenAtOnce);
    try {
      if (!record.isUp) throw new Error("the shared store is down");
      this.#hear(await record.note(batch));
    } catch (error) {
      this.#unwritten.putBack(batch);
      onFailed();
      if (!this.#isFailing)
        logger.warn({ err: error }, "the journal of changes could not be written into the shared store");
      this.#isFailing = true;
      this.#writeAfter(writeAfterMs);
      return false;
    }
    if (this.#isFailing) logger.info("the journal of changes is written into the shared store again");
    this.#isFailing = false;
    return true;
  }

  #hear(state: RecordState): RecordState {
    if (this.#state !== null && this.#state.life !== state.life)
      this.#options.logger.warn(
        { life: state.life },
        "the shared journal of changes began anew: delta cursors of before are lost",
      );
    this.#state = state;
    return state;
  }
}
