import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { JournalEntry, SavedJournal } from "../../src/feed/journal-entry.js";
import { openSqliteStore } from "../../src/feed/sqlite-store.js";
import { describeWith } from "../support/parts.js";

const journal: SavedJournal = {
  epoch: "E1",
  sequence: 12,
  horizon: 3,
  hasForgotten: true,
  isAllTouched: false,
  followedTo: null,
};

const entry: JournalEntry = {
  sku: "Ä-1 'quoted' \u{1f600}",
  changed: 12,
  price: 2 ** 48 - 1,
  stock: null,
  histories: [
    {
      ...{ currency: "EUR", measure: "1 ", since: 5, saidAt: 7, prior: "9.50" },
      prices: [
        { net: "9.00", until: 6 },
        { net: "10.000000", until: null },
      ],
    },
  ],
};

const plain = (sku: string, changed: number): JournalEntry => ({ sku, changed, price: 1, stock: 2, histories: [] });

describeWith("sqlite", "the journal's file", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "pricelane-journal-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const fileIn = (name: string) => join(folder, name);

  test("gives back what was saved, in the order of the changes, and not what was forgotten", async () => {
    const store = await openSqliteStore(fileIn("a.db"));
    expect(store.load()).toBeNull();
    store.save(journal, [entry, plain("B", 0), plain("C", 4), plain("D", 5)], []);
    store.save({ ...journal, sequence: 13 }, [plain("B", 13)], ["C"]);
    store.close();
    const again = await openSqliteStore(fileIn("a.db"));
    expect(again.load()).toEqual({
      journal: { ...journal, sequence: 13 },
      entries: [plain("D", 5), entry, plain("B", 13)],
    });
    again.close();
  });

  test("a save that fails half-way leaves what was", async () => {
    const store = await openSqliteStore(fileIn("a.db"));
    store.save(journal, [plain("A", 1)], []);
    function* broken() {
      yield plain("A", 2);
      throw new Error("cut off");
    }
    expect(() => store.save({ ...journal, sequence: 99 }, broken(), [])).toThrow("cut off");
    expect(store.load()).toEqual({ journal, entries: [plain("A", 1)] });
    store.close();
  });

  test("is held by one process at a time", async () => {
    const store = await openSqliteStore(fileIn("a.db"));
    store.save(journal, [], []);
    await expect(openSqliteStore(fileIn("a.db"))).rejects.toThrow(
      /JOURNAL_FILE=.*a\.db cannot be opened.*other process/,
    );
    store.close();
  });

  test("what is no such file is refused, and so is a place that is not there", async () => {
    writeFileSync(fileIn("text.db"), "not a database, but long enough to look at: ".repeat(20));
    await expect(openSqliteStore(fileIn("text.db"))).rejects.toThrow(/text\.db cannot be opened.*: name another file/);
    await expect(openSqliteStore(fileIn("none/a.db"))).rejects.toThrow("cannot be opened");
  });

  test("a driver that was built for another Node, or not at all, is told with the command that builds it", async () => {
    const { default: Sqlite } = await import("better-sqlite3");
    writeFileSync(fileIn("other.node"), "built for another Node");
    class OtherNode extends Sqlite {
      constructor(file: string) {
        super(file, { nativeBinding: fileIn("other.node") });
      }
    }
    const unbuilt = class {
      constructor() {
        throw new Error("Could not locate the bindings file. Tried:\n → build/better_sqlite3.node");
      }
    } as unknown as typeof OtherNode;
    for (const driver of [OtherNode, unbuilt]) {
      await expect(openSqliteStore(fileIn("a.db"), async () => driver)).rejects.toThrow(
        `not built for this Node (${process.version}): run \`npm rebuild better-sqlite3\`, or leave JOURNAL_FILE out`,
      );
    }
    const missing = async () => Promise.reject(new Error("Cannot find package"));
    await expect(openSqliteStore(fileIn("a.db"), missing)).rejects.toThrow("run `npm install better-sqlite3`");
  });

  test("somebody else's database is refused, and stays as it was", async () => {
    const { default: Sqlite } = await import("better-sqlite3");
    const theirs = new Sqlite(fileIn("theirs.db"));
    theirs.exec("CREATE TABLE skus (name TEXT); INSERT INTO skus VALUES ('kept')");
    theirs.close();
    await expect(openSqliteStore(fileIn("theirs.db"))).rejects.toThrow(/theirs\.db cannot be opened.*no journal/);
    const again = new Sqlite(fileIn("theirs.db"));
    expect(again.prepare("SELECT name FROM skus").pluck().all()).toEqual(["kept"]);
    again.close();
  });

  test("a file that is damaged is named when it is read, with what to do", async () => {
    const file = fileIn("a.db");
    const store = await openSqliteStore(file);
    store.save(
      journal,
      Array.from({ length: 2_000 }, (_, index) => plain(`SKU-${index}`, index)),
      [],
    );
    store.close();
    const damaged = openSync(file, "r+");
    const page = 4_096;
    for (let at = 3 * page; at < statSync(file).size; at += page)
      writeSync(damaged, Buffer.alloc(page, 7), 0, page, at);
    closeSync(damaged);
    const again = await openSqliteStore(file);
    expect(() => again.load()).toThrow(/JOURNAL_FILE=.*a\.db cannot be read \(.*malformed\): move it away/);
    again.close();
  });
});
