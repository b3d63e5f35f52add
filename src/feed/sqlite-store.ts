import type { Database } from "better-sqlite3";
import type { JournalEntry, JournalStore, SavedJournal } from "./journal-entry.js";
import type { PriceHistory } from "./price-history.js";

/** Another layout is not read: the journal begins anew, and cursors into it are lost. */
const layout = 1;

interface Row {
  readonly sku: string;
  readonly changed: number;
  readonly price: number | null;
  readonly stock: number | null;
  readonly histories: string;
}

/**
 * Opens a file that keeps the journal over restarts. One process holds it at a time.
 * @throws {Error} that names the mend, where better-sqlite3 is not installed, or the file cannot be opened or is held by another process
 */
export async function openSqliteStore(file: string): Promise<JournalStore> {
  const { default: Sqlite } = await import("better-sqlite3").catch((cause: unknown) => {
    const mend = "run `npm install better-sqlite3`, or leave JOURNAL_FILE out";
    throw new Error(`JOURNAL_FILE needs the optional package better-sqlite3, which cannot be loaded: ${mend}`, {
      cause,
    });
  });
  try {
    return createStore(new Sqlite(file, { timeout: 0 }));
  } catch (cause) {
    const mend = "see that its folder can be written to, and that no other process has it open";
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`JOURNAL_FILE=${file} cannot be opened (${said}): ${mend}`, { cause });
  }
}

function createStore(database: Database): JournalStore {
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL"); // a crash of the machine may cost the last moments, and no more
  if (database.pragma("user_version", { simple: true }) !== layout) {
    database.exec("DROP TABLE IF EXISTS journal; DROP TABLE IF EXISTS skus;");
    database.exec("CREATE TABLE journal (id INTEGER PRIMARY KEY CHECK (id = 1), saved TEXT NOT NULL)");
    database.exec(
      "CREATE TABLE skus (sku TEXT PRIMARY KEY, changed INTEGER NOT NULL, price INTEGER, stock INTEGER, histories TEXT NOT NULL) WITHOUT ROWID",
    );
    database.pragma(`user_version = ${layout}`);
  }
  return { load: () => load(database), save: createSave(database), close: () => database.close() };
}

function load(database: Database): ReturnType<JournalStore["load"]> {
  const saved = database.prepare<[], string>("SELECT saved FROM journal").pluck().get();
  if (saved === undefined) return null;
  const rows = database.prepare<[], Row>("SELECT * FROM skus ORDER BY changed").all();
  const entries = rows.map((row) => ({ ...row, histories: JSON.parse(row.histories) as PriceHistory[] }));
  return { journal: JSON.parse(saved) as SavedJournal, entries };
}

function createSave(database: Database): JournalStore["save"] {
  const saveJournal = database.prepare("REPLACE INTO journal VALUES (1, ?)");
  const saveSku = database.prepare("REPLACE INTO skus VALUES (@sku, @changed, @price, @stock, @histories)");
  const forget = database.prepare("DELETE FROM skus WHERE sku = ?");
  return database.transaction(
    (journal: SavedJournal, entries: Iterable<JournalEntry>, forgotten: Iterable<string>): void => {
      for (const sku of forgotten) forget.run(sku);
      for (const entry of entries) saveSku.run({ ...entry, histories: JSON.stringify(entry.histories) });
      saveJournal.run(JSON.stringify(journal));
    },
  );
}
