import type { PriceHistory } from "./price-history.js";

/** All that a journal keeps of one SKU. */
export interface JournalEntry {
  readonly sku: string;
  /** The sequence of its latest change; 0 for none. */
  readonly changed: number;
  /** Digests of what was seen last; null where nothing was. */
  readonly price: number | null;
  readonly stock: number | null;
  /** One a currency. */
  readonly histories: readonly PriceHistory[];
}

/** What a journal was when it was last written down. */
export interface SavedJournal {
  readonly epoch: string;
  readonly sequence: number;
  readonly horizon: number;
  readonly hasForgotten: boolean;
  /** All entries count as changed, and not all of them are written down so. */
  readonly isAllTouched: boolean;
  /** Where the ERP's changes were followed up to; null where they were not. */
  readonly followedTo: string | null;
}

/** Where a journal outlives the process. Every write is whole or not at all. */
export interface JournalStore {
  /** Null where nothing was ever saved. @throws {Error} that names the mend, where what was saved cannot be read */
  load(): { readonly journal: SavedJournal; readonly entries: readonly JournalEntry[] } | null;
  /** @param forgotten SKUs that are kept no longer */
  save(journal: SavedJournal, entries: Iterable<JournalEntry>, forgotten: Iterable<string>): void;
  close(): void;
}
