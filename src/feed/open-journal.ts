import { KeptJournal, type KeptJournalOptions } from "./kept-journal.js";
import { openSqliteStore } from "./sqlite-store.js";

/** @param file where it outlives the process; null for in memory alone. @throws {Error} as {@link openSqliteStore} */
export async function openJournal(
  file: string | null,
  options: Omit<KeptJournalOptions, "store">,
): Promise<KeptJournal> {
  return new KeptJournal({ ...options, store: file === null ? null : await openSqliteStore(file) });
}
