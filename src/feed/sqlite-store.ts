import type { Database } from "better-sqlite3";
import type { JournalEntry, JournalStore, SavedJournal } from "./journal-entry.js";
import type { PriceHistory } from "./price-history.js";

/** Written into the file, so that neither another layout nor somebody else's database is taken for a journal. */
const layout = 1;

const createTables = `
  CREATE TABLE journal (id INTEGER PRIMARY KEY CHECK (id = 1), saved TEXT NOT NULL);
  CREATE TABLE skus (sku TEXT PRIMARY KEY, changed INTEGER NOT NULL, price INTEGER, stock INTEGER, histories TEXT NOT NULL) WITHOUT ROWID;
  PRAGMA user_version = ${layout};`;

interface Row {
  readonly sku: string;
  readonly changed: number;
  readonly price: number | null;
  readonly stock: number | null;
  readonly histories: string;
}

type Driver = new (file: string, options: { readonly timeout: number }) => Database;

const importDriver = async (): Promise<Driver> => (await import("better-sqlite3")).default;

/**
 * Opens a file that keeps the journal over restarts. One process holds it at a time.
 * @throws {Error} that names the mend, where better-sqlite3 is not installed or not built for this Node, or the file cannot
 *   be opened or is held by another process
 */
export async function openSqliteStore(file: string, loadDriver = importDriver): Promise<JournalStore> {
  const Sqlite = await loadDriver().catch((cause: unknown) => {
    throw unusableDriver("cannot be loaded", "npm install", cause);
  });
  try {
    return createStore(new Sqlite(file, { timeout: 0 }), file);
  } catch (cause) {
    if (isUnbuilt(cause))
      throw unusableDriver(`was not built for this Node (${process.version})`, "npm rebuild", cause);
    throw cannot("opened", file, cause, mendOf(cause));
  }
}

function unusableDriver(fault: string, command: string, cause: unknown): Error {
  const mend = `run \`${command} better-sqlite3\`, or leave JOURNAL_FILE out`;
  return new Error(`JOURNAL_FILE needs the optional package better-sqlite3, which ${fault}: ${mend}`, { cause });
}

/** Its binary is loaded with the first file: it may be that of another Node, or missing where npm ran no install scripts. */
function isUnbuilt(cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: unknown };
  return code === "ERR_DLOPEN_FAILED" || String(message).startsWith("Could not locate the bindings file");
}

function mendOf(cause: unknown): string {
  const isNoDatabase = (cause as { code?: unknown }).code === "SQLITE_NOTADB";
  if (isNoDatabase) return "name another file, or move this one away if it is a damaged journal";
  return "see that its folder can be written to, and that no other process has it open";
}

function createStore(database: Database, file: string): JournalStore {
  database.pragma("locking_mode = EXCLUSIVE");
  const isNew = isEmpty(database);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL"); // a crash of the machine may cost the last moments, and no more
  if (isNew) database.transaction(() => database.exec(createTables))();
  return { load: () => load(database, file), save: createSave(database), close: () => database.close() };
}

/** @throws {Error} where it holds something else than a journal: that stays untouched */
function isEmpty(database: Database): boolean {
  const version = database.pragma("user_version", { simple: true });
  const tables = database.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get();
  if (version === layout) return false;
  if (version === 0 && tables === 0) return true;
  throw new Error(`it is no journal of layout ${layout}: name another file`);
}

function load(database: Database, file: string): ReturnType<JournalStore["load"]> {
  try {
    const saved = database.prepare<[], string>("SELECT saved FROM journal").pluck().get();
    if (saved === undefined) return null;
    const rows = database.prepare<[], Row>("SELECT * FROM skus ORDER BY changed").all();
    const entries = rows.map((row) => ({ ...row, histories: JSON.parse(row.histories) as PriceHistory[] }));
    return { journal: JSON.parse(saved) as SavedJournal, entries };
  } catch (cause) {
    throw cannot("read", file, cause, "move it away; delta cursors and lowest prices go with it");
  }
}

function cannot(be: "opened" | "read", file: string, cause: unknown, mend: string): Error {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new Error(`JOURNAL_FILE=${file} cannot be ${be} (${said}): ${mend}`, { cause });
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
