import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
    await expect(openSqliteStore(fileIn("text.db"))).rejects.toThrow("cannot be opened");
    await expect(openSqliteStore(fileIn("none/a.db"))).rejects.toThrow("cannot be opened");
  });
});
