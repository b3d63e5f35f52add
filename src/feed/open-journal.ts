import type { ChangeRecord, TextRecord } from "../pricing/change-record.js";
import type { Journal } from "./journal.js";
import { KeptJournal, type KeptJournalOptions } from "./kept-journal.js";
import { SharedJournal } from "./shared-journal.js";
import { openSqliteStore } from "./sqlite-store.js";

/** Where a journal outlives the process: in a file, before all else, or in what replicas share; null each for not. */
export interface JournalPlaces {
  readonly file: string | null;
  readonly shared: { readonly record: ChangeRecord; readonly texts: TextRecord } | null;
  /** Told each time that something could not be written where replicas share it. */
  readonly onFailed: () => void;
}

/** @throws {Error} as {@link openSqliteStore} */
export async function openJournal(
  { file, shared, onFailed }: JournalPlaces,
  options: Omit<KeptJournalOptions, "store">,
): Promise<Journal> {
  if (file !== null) return new KeptJournal({ ...options, store: await openSqliteStore(file) });
  if (shared === null) return new KeptJournal({ ...options, store: null });
  const journal = new SharedJournal({ ...options, ...shared, onFailed });
  journal.start();
  return journal;
}
