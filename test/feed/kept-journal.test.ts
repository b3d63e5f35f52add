import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JournalStore } from "../../src/feed/journal-entry.js";
import { KeptJournal } from "../../src/feed/kept-journal.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { FakeStore } from "./fake-store.js";

const day = 24 * 3_600_000;
const eur = { currency: "EUR", measure: "1 " };
const logger = createLogger({ level: "silent" });

function createJournal({
  maxSkus = 100,
  store = null as JournalStore | null,
  clock = new VirtualClock(),
  epoch = "E1",
} = {}) {
  return new KeptJournal({ maxSkus, clock, epoch, store, logger });
}

async function changesSince(journal: KeptJournal, since: number): Promise<string[]> {
  const { sequence } = await journal.head();
  return (await journal.changesBetween(since, sequence, 1_000)).map(({ sku }) => sku);
}

describe("the journal of changes", () => {
  test("takes the first sight of an SKU for no change, and every other answer than the last for one", async () => {
    const journal = createJournal();
    journal.note("A", "price", 1);
    journal.note("A", "stock", 1);
    journal.note("A", "price", 1);
    expect(await changesSince(journal, 0)).toEqual([]);
    journal.note("A", "price", 2);
    expect(await changesSince(journal, 0)).toEqual(["A"]);
  });

  test("names an SKU once, at its latest change, in the order of those", async () => {
    const journal = createJournal();
    for (const sku of ["A", "B", "C"]) journal.note(sku, "price", 1);
    for (const sku of ["B", "A", "C"]) journal.note(sku, "price", 2);
    journal.note("B", "stock", 1);
    journal.note("B", "stock", 2);
    expect(await changesSince(journal, 0)).toEqual(["A", "C", "B"]);
    expect(await journal.changesBetween(2, 3, 9)).toEqual([{ sku: "C", sequence: 3 }]);
    expect(await journal.changesBetween(0, 9, 1)).toEqual([{ sku: "A", sequence: 2 }]);
  });

  test("what was touched is changed, known before or not; what it is now is no second change", async () => {
    const journal = createJournal();
    journal.note("A", "price", 1);
    journal.touch(["A", "B"]);
    const { sequence } = await journal.head();
    journal.note("A", "price", 2);
    journal.note("B", "price", 1);
    expect(await changesSince(journal, 0)).toEqual(["A", "B"]);
    expect(await changesSince(journal, sequence)).toEqual([]);
    journal.note("B", "price", 2);
    expect(await changesSince(journal, sequence)).toEqual(["B"]);
  });

  test("where all may have changed, all that are known count as changed", async () => {
    const journal = createJournal();
    for (const sku of ["A", "B"]) journal.note(sku, "price", 1);
    journal.touchAll();
    expect(await changesSince(journal, 0)).toEqual(["A", "B"]);
    expect(await journal.reaches({ epoch: "E1", sequence: 0 })).toBe(true);
  });

  test("beyond its bound the oldest goes: cursors from before its change are lost, and others stand", async () => {
    const journal = createJournal({ maxSkus: 2 });
    journal.touch(["A", "B", "C"]);
    expect(journal.size).toBe(2);
    expect(await journal.reaches({ epoch: "E1", sequence: 0 })).toBe(false);
    expect(await journal.reaches({ epoch: "E1", sequence: 1 })).toBe(true);
    expect(await changesSince(journal, 1)).toEqual(["B", "C"]);
  });

  test("once it forgot, an SKU that it does not know may have changed meanwhile: its sight is a change", async () => {
    const journal = createJournal({ maxSkus: 2 });
    for (const sku of ["A", "B", "C"]) journal.note(sku, "price", 1);
    expect(await journal.reaches({ epoch: "E1", sequence: 0 })).toBe(true);
    expect(await changesSince(journal, 0)).toEqual([]);
    journal.note("A", "price", 2);
    expect(await changesSince(journal, 0)).toEqual(["A"]);
    journal.touchAll();
    expect(await journal.reaches({ epoch: "E1", sequence: 1 })).toBe(false);
  });

  test("a place in another journal, or one that never was, is not reached", async () => {
    const journal = createJournal();
    journal.touch(["A"]);
    expect(await journal.reaches({ epoch: "E1", sequence: 1 })).toBe(true);
    expect(await journal.reaches({ epoch: "E2", sequence: 1 })).toBe(false);
    expect(await journal.reaches({ epoch: "E1", sequence: 2 })).toBe(false);
  });
});

test("a run whose pages were told by two journals has a place in neither: each lacks what the other told", async () => {
  const [first, second] = [createJournal({ epoch: "E1" }), createJournal({ epoch: "E2" })];
  const head = await first.head();
  first.note("A", "price", 1);
  second.note("B", "price", 1);
  const kept = await first.keep(["A"], head);
  expect(await first.reaches(kept)).toBe(true);
  const mixed = await first.keep(["A"], await second.keep(["B"], kept));
  for (const journal of [first, second]) expect(await journal.reaches(mixed)).toBe(false);
});

describe("a journal with a store", () => {
  test("goes on after a restart, however long that took: cursors, what was seen, and where changes were followed to", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const before = createJournal({ store, clock });
    before.note("A", "price", 1);
    before.note("B", "price", 1);
    before.note("B", "price", 2);
    before.followedTo = "cursor-7";
    const { sequence } = await before.head();
    before.close();
    await clock.advance(40 * 24 * 3600 * 1000);
    const after = new KeptJournal({ maxSkus: 100, clock, epoch: "E2", store, logger });
    expect(after.followedTo).toBe("cursor-7");
    expect(await after.reaches({ epoch: "E1", sequence })).toBe(true);
    expect(await changesSince(after, 0)).toEqual(["B"]);
    after.note("A", "price", 1);
    expect(await changesSince(after, sequence)).toEqual([]);
    after.note("A", "price", 3);
    expect(await changesSince(after, sequence)).toEqual(["A"]);
  });

  test("writes down at once what was invalidated or told, and the rest within a second", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const journal = createJournal({ store, clock });
    for (const sku of ["A", "B", "C"]) journal.note(sku, "price", 1);
    expect([...store.rows.keys()]).toEqual([]);
    journal.touch(["C"]);
    await journal.keep(["A"], await journal.head());
    expect([...store.rows.keys()]).toEqual(["C", "A"]);
    expect(journal.unsaved).toBe(1);
    await clock.advance(1_000);
    expect([...store.rows.keys()].sort()).toEqual(["A", "B", "C"]);
    expect(journal.unsaved).toBe(0);
    const { saves } = store;
    await clock.advance(3_600_000);
    expect(store.saves).toBe(saves);
    expect(clock.pendingTimers).toBe(0);
  });

  test("what counts as changed all at once does so after a crash, before all of it was written down", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const journal = createJournal({ store, clock });
    for (const sku of ["A", "B"]) journal.note(sku, "price", 1);
    await clock.advance(1_000);
    const { sequence } = await journal.head();
    journal.touchAll();
    const after = createJournal({ store, clock });
    expect((await changesSince(after, sequence)).sort()).toEqual(["A", "B"]);
  });

  test("a cursor told just before a crash goes on after it: what changes then is later", async () => {
    const store = new FakeStore();
    const journal = createJournal({ store });
    await journal.keep([], await journal.head());
    journal.note("A", "price", 1);
    journal.note("A", "price", 2);
    const cursor = await journal.head();
    const after = createJournal({ store: store.reopen() });
    after.touch(["B"]);
    expect(await after.reaches(cursor)).toBe(true);
    expect(await changesSince(after, cursor.sequence)).toEqual(["B"]);
  });

  test("a store that fails stops nothing, and is written to again", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const journal = createJournal({ store, clock });
    store.isBroken = true;
    journal.touch(["A"]);
    await clock.advance(5_000);
    expect(await changesSince(journal, 0)).toEqual(["A"]);
    store.isBroken = false;
    await clock.advance(1_000);
    expect([...store.rows.keys()]).toEqual(["A"]);
  });

  test("a place told while nothing can be written down is good as long as the process lives, and lost with it", async () => {
    const store = new FakeStore();
    const journal = createJournal({ store });
    journal.note("A", "price", 1);
    const before = await journal.keep(["A"], await journal.head());
    store.isBroken = true;
    journal.note("A", "price", 2);
    const told = await journal.keep(["A"], before);
    const head = await journal.head();
    for (const place of [before, told, head]) expect(await journal.reaches(place)).toBe(true);
    expect(await changesSince(journal, told.sequence)).toEqual(["A"]);

    const after = new KeptJournal({
      ...{ maxSkus: 100, clock: new VirtualClock(), epoch: "E2", logger },
      store: store.reopen(),
    });
    // Back at the price that was written down: nobody can tell any more that it was another one meanwhile.
    after.note("A", "price", 1);
    expect(await after.reaches(before)).toBe(true);
    for (const place of [told, head]) expect(await after.reaches(place)).toBe(false);
  });

  test("a run that began in another journal gets no place in this one, though nothing can be written down", async () => {
    const store = new FakeStore();
    const journal = createJournal({ store, epoch: "E2" });
    journal.note("A", "price", 1);
    store.isBroken = true;
    journal.note("A", "price", 2);
    const told = await journal.keep(["A"], { epoch: "E1", sequence: 1 });
    expect(await journal.reaches(told)).toBe(false);
  });

  test("where everything is to be written down it is done in turns, so that nothing else waits for long", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const journal = createJournal({ store, clock, maxSkus: 10_000 });
    for (let index = 0; index < 5_000; index++) journal.note(`S${index}`, "price", 1);
    journal.touchAll();
    await clock.advance(10_000);
    expect(store.rows.size).toBe(5_000);
    expect(store.mostAtOnce).toBeLessThanOrEqual(250);
    expect(clock.pendingTimers).toBe(0);
  });

  test("a start after the clock was set back watches prices anew, where those it kept were said later than now", async () => {
    const store = new FakeStore();
    const ahead = new VirtualClock();
    await ahead.advance(400 * day);
    const before = createJournal({ store, clock: ahead });
    before.note("A", "price", 1);
    before.notePrice("A", { ...eur, net: "10.00", saidAt: ahead.now() });
    before.close();
    const clock = new VirtualClock();
    const after = createJournal({ store, clock });
    after.notePrice("A", { ...eur, net: "8.00", saidAt: clock.now() });
    await clock.advance(31 * day);
    expect(after.lowestNetsOf("A", "EUR")).toEqual({ lowest: "8.00", prior: null });
  });

  test("what is forgotten is forgotten in the store, too", async () => {
    const store = new FakeStore();
    const clock = new VirtualClock();
    const journal = createJournal({ store, clock, maxSkus: 2 });
    journal.touch(["A", "B"]);
    journal.touch(["C"]);
    expect([...store.rows.keys()]).toEqual(["B", "C"]);
    const after = createJournal({ store, clock, maxSkus: 1 });
    expect(await after.reaches({ epoch: "E1", sequence: 1 })).toBe(false);
    expect(after.size).toBe(1);
  });

  type Kind = "note" | "touch" | "touchAll" | "keep" | "wait" | "crash" | "told" | "full disk" | "room on disk";
  type Step = { kind: Kind; sku: string; value: number };
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom<Kind[]>(
      ...(["note", "note", "note", "touch", "touchAll", "keep", "wait", "crash", "told"] as const),
      ...(["full disk", "room on disk"] as const),
    ),
    sku: fc.constantFrom("A", "B", "C", "D", "E"),
    value: fc.nat(3),
  });

  test("no change to what somebody was told goes missing, whatever is forgotten, and wherever the process dies", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom(2, 4, 100), async (steps, maxSkus) => {
        let store = new FakeStore();
        const clock = new VirtualClock();
        let started = 0;
        // As every process has a name of its own, also one whose disk was full before it.
        const start = () => createJournal({ store, clock, maxSkus, epoch: `E${started++}` });
        let journal = start();
        /** What a reader holds: values told to it after it got its cursor. */
        let held = { cursor: await journal.head(), values: new Map<string, number>() };
        const now = new Map<string, number>();
        for (const { kind, sku, value } of steps) {
          if (kind === "note") {
            now.set(sku, value);
            journal.note(sku, "price", value);
          } else if (kind === "touch") journal.touch([sku]);
          else if (kind === "touchAll") journal.touchAll();
          else if (kind === "keep") await journal.keep([sku], await journal.head());
          else if (kind === "wait") await clock.advance(700);
          else if (kind === "full disk") store.isBroken = true;
          else if (kind === "room on disk") store.isBroken = false;
          else if (kind === "crash") {
            store = store.reopen();
            journal = start();
            // As pages are: what is so after the crash is seen again.
            for (const [each, seen] of now) journal.note(each, "price", seen);
          } else {
            held = { cursor: await journal.head(), values: new Map() };
            for (const [each, seen] of now) {
              journal.note(each, "price", seen);
              held.values.set(each, seen);
            }
            held.cursor = await journal.keep(now.keys(), held.cursor);
          }
          if (!(await journal.reaches(held.cursor))) continue; // told so: it runs in full
          const changed = await changesSince(journal, held.cursor.sequence);
          for (const [each, seen] of held.values) if (now.get(each) !== seen) expect(changed).toContain(each);
        }
      }),
      { numRuns: 300 },
    );
  });
});
