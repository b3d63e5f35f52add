import type { JournalEntry, JournalStore, SavedJournal } from "../../src/feed/journal-entry.js";

/** Keeps what a real store would, as text, so that nothing is shared with the journal that wrote it. */
export class FakeStore implements JournalStore {
  rows = new Map<string, string>();
  saved: string | null = null;
  saves = 0;
  mostAtOnce = 0;
  isBroken = false;

  /** What a next process finds after this one died: from now on it can write no more. */
  reopen(): FakeStore {
    const next = new FakeStore();
    next.rows = new Map(this.rows);
    next.saved = this.saved;
    this.isBroken = true;
    return next;
  }

  load() {
    if (this.saved === null) return null;
    const entries = [...this.rows.values()].map((row) => JSON.parse(row) as JournalEntry);
    return {
      journal: JSON.parse(this.saved) as SavedJournal,
      entries: entries.sort((one, other) => one.changed - other.changed),
    };
  }

  save(journal: SavedJournal, entries: Iterable<JournalEntry>, forgotten: Iterable<string>): void {
    if (this.isBroken) throw new Error("the disk is full");
    this.saves += 1;
    for (const sku of forgotten) this.rows.delete(sku);
    const written = [...entries];
    for (const entry of written) this.rows.set(entry.sku, JSON.stringify(entry));
    this.mostAtOnce = Math.max(this.mostAtOnce, written.length);
    this.saved = JSON.stringify(journal);
  }

  close(): void {}
}
