import type { AnswerKind } from "../pricing/source.js";

/** What a journal compares with what it saw before. A customer's record is no part of any feed. */
export type NotedKind = Extract<AnswerKind, "price" | "stock">;

/** A place in one journal: what is later than it has a higher sequence. */
export interface JournalPosition {
  /** Which journal: another one counts otherwise. */
  readonly epoch: string;
  readonly sequence: number;
}

/** The latest change of one SKU. */
export interface ChangedSku {
  readonly sku: string;
  readonly sequence: number;
}

/**
 * Which SKUs changed, in which order, as far as the gateway saw it. One SKU stands in it once, at its latest change. Writing returns at
 * once; what reads is asynchronous, so that a store elsewhere can stand behind it.
 */
export interface ChangeJournal {
  /** The place of the newest change. Whatever happens to the process, what changes later has a higher sequence. */
  head(): Promise<JournalPosition>;
  /** Whether every change after this place is still known. */
  reaches(position: JournalPosition): Promise<boolean>;
  /**
   * Whoever needs them whole asks {@link reaches} about `after` once more behind it.
   * @returns changes after `after` and up to `until`, both sequences, in their order; at most `limit`
   * @throws {FeedCursorLost} where they cannot be read
   */
  changesBetween(after: number, until: number, limit: number): Promise<readonly ChangedSku[]>;
  /**
   * An answer was seen. The first sight of an SKU is no change, unless it may have been seen and forgotten.
   * @param digest of what it says. @param askedAt when the ERP was asked for it, in ms since the epoch
   */
  note(sku: string, kind: NotedKind, digest: number, askedAt: number): void;
  /** These changed, whatever was seen of them. */
  touch(skus: Iterable<string>): void;
  /** Any of them may have changed: all that are known count as changed. */
  touchAll(): void;
  /**
   * What was noted of these outlives the process from here on, where anything does: somebody was told of it.
   * @param head where the run that told it began
   * @returns the same place; one that is lost with the process where what was noted could not be written down
   */
  keep(skus: Iterable<string>, head: JournalPosition): Promise<JournalPosition>;
}
