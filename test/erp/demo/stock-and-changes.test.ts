import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Books, createBooks } from "../../../src/erp/demo/books.js";
import { Movement } from "../../../src/erp/demo/movement.js";
import { PortProblem } from "../../../src/erp/demo/problem.js";
import { ManualClock } from "./manual-clock.js";
import { wrongInChanges, wrongInStockItem } from "./port-shapes.js";

const stepMs = 5_000;

function start({
  skus = 1_000,
  backlogSteps = 720,
  pricesMove = false,
  at,
}: Partial<{ skus: number; backlogSteps: number; pricesMove: boolean; at: number }> = {}) {
  const clock = new ManualClock(at);
  const books = createBooks({ seed: 1, skus, clock, stepMs, backlogSteps, pricesMove, singleQuantityOneIn: 0 });
  return { clock, books };
}

function allStock({ catalogue, stock }: Books) {
  return catalogue.skusFrom(0, catalogue.size).map((sku) => stock.itemOf(sku, null));
}

function allPrices({ catalogue, prices }: Books) {
  return catalogue.skusFrom(0, catalogue.size).map((sku) => {
    const answer = prices.answer({ ref: "r", customer: "C0004", sku, quantity: "1" });
    return { sku, price: answer.status === "priced" ? answer.unitPrice : null };
  });
}

/** The SKUs of the entries that are no longer the same. */
function differing<Entry extends { sku: string }>(before: readonly Entry[], after: readonly Entry[]): string[] {
  return after.filter((entry, at) => JSON.stringify(entry) !== JSON.stringify(before[at])).map(({ sku }) => sku);
}

function readAll({ changes }: Books, since: string, limit: number) {
  const read = [];
  let page = changes.read(since, limit);
  for (;;) {
    expect(wrongInChanges(page)).toEqual([]);
    read.push(...page.changes);
    if (!page.more) return { read, next: page.next };
    page = changes.read(page.next, limit);
  }
}

function statusOf(run: () => unknown): number | null {
  try {
    run();
    return null;
  } catch (error) {
    return error instanceof PortProblem ? error.status : null;
  }
}

describe("a movement", () => {
  test("who moves at a step, and whose last move was at that step, is the same question", () => {
    const anyPeriod = fc.constantFrom(1, 2, 7, 240, 1_440);
    fc.assert(
      fc.property(
        anyPeriod,
        fc.integer({ min: 1, max: 400 }),
        fc.nat(),
        fc.integer({ min: -5_000, max: 400_000_000 }),
        (period, size, seed, step) => {
          const movement = new Movement(size, period, seed);
          const expected = Array.from({ length: size }, (_, index) => index).filter(
            (index) => movement.lastMove(index, step).step === step,
          );
          expect([...movement.movedAt(step)]).toEqual(expected);
        },
      ),
    );
  });

  test("each SKU moves once a period", () => {
    const movement = new Movement(1_000, 240, 5);
    const moved = Array.from({ length: 240 }, (_, step) => [...movement.movedAt(step)]).flat();
    expect(moved.sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  });
});

describe("stock of the demonstration ERP", () => {
  test("it stands still within a step and moves with the clock", async () => {
    const { clock, books } = start({ at: Date.UTC(2026, 10, 24) });
    const before = allStock(books);
    await clock.advance(stepMs - 1);
    expect(allStock(books)).toEqual(before);
    await clock.advance(1);
    expect(differing(before, allStock(books)).length).toBeGreaterThan(0);
  });

  test("it is a function of seed and time alone: asked late or often, it is the same", async () => {
    const late = start();
    const often = start();
    for (let step = 0; step < 30; step++) {
      await often.clock.advance(stepMs);
      allStock(often.books);
    }
    await late.clock.advance(30 * stepMs);
    expect(allStock(late.books)).toEqual(allStock(often.books));
  });

  test("every answer keeps to the port's description, at the epoch as today", () => {
    for (const at of [0, Date.UTC(2026, 10, 24)])
      expect(allStock(start({ at }).books).flatMap(wrongInStockItem)).toEqual([]);
  });

  test("where nothing is left anywhere the day of the next delivery is told, and only there", () => {
    for (const item of allStock(start().books)) {
      if (item.status !== "found") throw new Error(`${item.sku} was not found`);
      const isEmpty = item.warehouses.every(({ available }) => available === "0");
      expect(item.restockDate !== undefined).toBe(isEmpty);
    }
  });

  test("some SKUs are out of stock, some of these can be ordered all the same, and most have stock", () => {
    const items = allStock(start().books).filter((item) => item.status === "found");
    const empty = items.filter(({ restockDate }) => restockDate !== undefined);
    expect(empty.length).toBeGreaterThan(50);
    expect(empty.length).toBeLessThan(400);
    expect(new Set(empty.map(({ backorder }) => backorder))).toEqual(new Set([true, false]));
  });

  test("warehouses asked for are told and no others; one that does not exist is left out", () => {
    const { books } = start();
    const codesOf = (only: string[] | null) => {
      const item = books.stock.itemOf("ELEC-00001", only);
      return item.status === "found" ? item.warehouses.map(({ code }) => code) : item.status;
    };
    expect(codesOf(null)).toEqual(["PARIS", "LYON", "NANTES"]);
    expect(codesOf(["NANTES", "BREST"])).toEqual(["NANTES"]);
    expect(codesOf([])).toEqual([]);
    expect(books.stock.itemOf("ELEC-99999", null)).toMatchObject({ sku: "ELEC-99999", status: "unknown" });
  });
});

describe("changes of the demonstration ERP", () => {
  test("they name exactly the SKUs whose stock differs, whatever the page", async () => {
    for (const limit of [1, 7, 1_000]) {
      const { clock, books } = start();
      const before = allStock(books);
      const { next: since } = books.changes.read(null, 1);
      await clock.advance(50 * stepMs);
      const { read } = readAll(books, since, limit);
      expect(read.map(({ sku }) => sku).sort()).toEqual(differing(before, allStock(books)).sort());
      expect(read.length).toBeGreaterThan(100);
    }
  });

  test("a follower misses nothing and is told nothing twice, however the steps fall between its questions", async () => {
    const { clock, books } = start();
    const { next: first } = books.changes.read(null, 1);
    let since = first;
    const followed = [];
    for (const steps of [0, 1, 3, 0, 10, 2]) {
      await clock.advance(steps * stepMs);
      const { read, next } = readAll(books, since, 5);
      followed.push(...read);
      since = next;
    }
    expect(followed).toEqual(readAll(books, first, 1_000).read);
  });

  test("where prices move, every SKU whose price differs is named, and stock's changes are still told", async () => {
    const { clock, books } = start({ pricesMove: true });
    const before = allPrices(books);
    const { next: since } = books.changes.read(null, 1);
    await clock.advance(200 * stepMs);
    const { read } = readAll(books, since, 1_000);
    const named = new Set(read.filter(({ kind }) => kind === "price").map(({ sku }) => sku));
    const moved = differing(before, allPrices(books));
    expect(moved.length).toBeGreaterThan(50);
    expect(moved.filter((sku) => !named.has(sku))).toEqual([]);
    expect(read.some(({ kind }) => kind === "stock")).toBe(true);
  });

  test("without a cursor only the newest one is told", () => {
    expect(start().books.changes.read(null, 1_000)).toMatchObject({ changes: [], more: false });
  });

  test("a cursor older than the backlog is gone, one at its edge is not", async () => {
    const { clock, books } = start({ backlogSteps: 10 });
    const { next } = books.changes.read(null, 1);
    await clock.advance(10 * stepMs);
    expect(statusOf(() => books.changes.read(next, 1_000))).toBeNull();
    await clock.advance(stepMs);
    expect(statusOf(() => books.changes.read(next, 1_000))).toBe(410);
  });

  test("a cursor of another catalogue is gone, and what is no cursor is a bad request", () => {
    const { next } = start({ skus: 999 }).books.changes.read(null, 1);
    const { changes } = start().books;
    expect(statusOf(() => changes.read(next, 1))).toBe(410);
    for (const cursor of ["", "1", "x.y.z", `${next}.1`]) expect(statusOf(() => changes.read(cursor, 1))).toBe(400);
  });

  test("a clock set back a little tells nothing twice and keeps the cursor", () => {
    const at = Date.UTC(2026, 10, 24, 9);
    const { next } = start({ at: at + 2 * stepMs }).books.changes.read(null, 1);
    expect(start({ at }).books.changes.read(next, 10)).toEqual({ changes: [], next, more: false });
  });
});
