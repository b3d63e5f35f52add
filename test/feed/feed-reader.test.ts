import { describe, expect, test } from "vitest";
import { ErpUnavailable } from "../../src/errors.js";
import type { FeedPage } from "../../src/feed/feed-page.js";
import { FeedReader } from "../../src/feed/feed-reader.js";
import { FeedSkus } from "../../src/feed/feed-skus.js";
import { SlottedList } from "../../src/feed/slotted-list.js";
import type { SlotClass, SlotUser } from "../../src/pricing/slots.js";
import { lanes } from "../../src/pricing/source.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { FakeStore } from "./fake-store.js";
import { deadlineMs, FeedWorld, namesOf, skusTo } from "./feed-world.js";

const both = { price: true, stock: true };
const isComplete = ({ items }: FeedPage) =>
  items.every(({ price, stock }) => price?.kind === "found" && stock?.kind === "found");

/** Pages of a run, each with how long it took, in ms. @param change called before each page */
async function timedPages(world: FeedWorld, first: number, change = (_page: number) => {}) {
  const pages: { readonly page: FeedPage; readonly tookMs: number }[] = [];
  for (let after: string | null = null; ; ) {
    change(pages.length);
    const askedAt = world.clock.now();
    const page: FeedPage = await world.inTime(world.readPage(first, after));
    pages.push({ page, tookMs: world.clock.now() - askedAt });
    if (!page.hasNextPage) return pages;
    after = page.endCursor;
  }
}

describe("a page of the feed", () => {
  test("holds as many as were asked before an ERP that is quick, read in few goes", async () => {
    const world = new FeedWorld(skusTo(1_500));
    world.msFor = (keys) => 100 + keys;
    const pages = await timedPages(world, 1_000);
    expect(pages.map(({ page }) => page.items.length)).toEqual([1_000, 500]);
    expect(world.reads.length).toBeLessThanOrEqual(4);
  });

  test("is answered in time however slow the ERP is, with what came and without errors, and the run still names all", async () => {
    const world = new FeedWorld(skusTo(300));
    world.msFor = (keys) => 200 + 180 * keys;
    const pages = await timedPages(world, 200);
    for (const { page, tookMs } of pages) {
      expect(tookMs).toBeLessThanOrEqual(deadlineMs);
      expect(isComplete(page)).toBe(true);
      expect(page.items.length).toBeGreaterThan(0);
    }
    expect(pages.flatMap(({ page }) => namesOf(page.items))).toEqual(skusTo(300));
    // 180 ms each leaves room for about fifty in ten seconds: most of them are used.
    expect(pages.length).toBeLessThan(10);
  });

  test("shrinks when the ERP slows, and grows back when it is quick again", async () => {
    const world = new FeedWorld(skusTo(3_000));
    const pages = await timedPages(world, 300, (page) => {
      world.msFor = (keys) => (page >= 3 && page < 6 ? 300 * keys : keys);
    });
    const sizes = pages.map(({ page }) => page.items.length);
    expect(sizes.slice(0, 3)).toEqual([300, 300, 300]);
    for (const size of sizes.slice(3, 6)) expect(size).toBeLessThan(40);
    expect(Math.max(...sizes.slice(7))).toBe(300);
    expect(pages.every(({ page }) => isComplete(page))).toBe(true);
  });

  test("after a long quiet time asks for few at first, as nothing is known of the ERP any more", async () => {
    const world = new FeedWorld(skusTo(2_000));
    world.msFor = (keys) => keys;
    await world.inTime(world.readPage(1_000));
    await world.clock.advance(24 * 3_600_000);
    world.msFor = (keys) => 95 * keys;
    world.reads.length = 0;
    const page = await world.inTime(world.readPage(1_000));
    expect(world.reads[0]).toBe(100);
    expect([isComplete(page), page.items.length > 50]).toEqual([true, true]);
  });

  test("names the one SKU that is never answered in time, with its error, and goes on behind it", async () => {
    const world = new FeedWorld(skusTo(50));
    world.late.add("S00010");
    const pages = await timedPages(world, 20);
    const items = pages.flatMap(({ page }) => page.items);
    expect(namesOf(items)).toEqual(skusTo(50));
    const bad = items.filter(({ price }) => price?.kind !== "found");
    expect(bad).toMatchObject([{ sku: "S00010", price: { kind: "failed", error: { code: "ERP_TIMEOUT" } } }]);
  });

  test("of an ERP that answers nothing in time is one item with its error, so that a run comes to its end", async () => {
    const world = new FeedWorld(skusTo(3));
    world.msFor = () => 60_000;
    const pages = await timedPages(world, 100);
    expect(pages.map(({ page }) => page.items.length)).toEqual([1, 1, 1]);
    expect(pages.every(({ tookMs }) => tookMs <= deadlineMs)).toBe(true);
  });

  test("asks for what is wanted alone; the price of a delta in any case, since it tells what was removed", async () => {
    const world = new FeedWorld(skusTo(5));
    const ask = (changedSince: string | null) => {
      const start = { after: null, changedSince, first: 5, deadline: world.clock.now() + deadlineMs, signal: null };
      return world.reader.readPage({ ...start, wants: { price: false, stock: false } });
    };
    const full = await ask(null);
    expect([world.reads, full.items[0]]).toEqual([[], { sku: "S00000", price: null, stock: null, isRemoved: false }]);
    world.products.delete("S00001");
    world.tell("S00001");
    expect((await ask(full.deltaCursor)).items).toMatchObject([{ sku: "S00001", isRemoved: true, stock: null }]);
  });

  test("that told last known answers, since the ERP failed, is followed by a delta that tells what holds", async () => {
    const world = new FeedWorld(skusTo(3));
    world.remembers = true;
    await world.run(10);
    world.products.set("S00001", { price: "12.00", stock: "5" });
    world.broken.add("S00001");
    const { items, deltaCursor } = await world.run(10);
    expect(items[1]).toMatchObject({ price: { answer: { unitPrice: "10.00" }, freshness: { source: "LAST_KNOWN" } } });
    world.broken.clear();
    const delta = await world.run(10, deltaCursor);
    expect(delta.items).toMatchObject([{ sku: "S00001", price: { answer: { unitPrice: "12.00" } } }]);
    expect((await world.run(10, delta.deltaCursor)).items).toEqual([]);
  });

  test("after the last one is empty and says again where a later run starts", async () => {
    const world = new FeedWorld(skusTo(3));
    const { endCursor, deltaCursor } = await world.readPage(10);
    expect(await world.readPage(10, endCursor)).toEqual({ items: [], hasNextPage: false, endCursor, deltaCursor });
  });
});

describe("a run that could not be written down to its end", () => {
  test("goes on and may be followed by a delta while the process lives, and is told as lost after it", async () => {
    const store = new FakeStore();
    const world = new FeedWorld(skusTo(3), 1_000, store);
    const { deltaCursor } = await world.run(10);
    for (const sku of skusTo(3)) world.products.set(sku, { price: "11.00", stock: "5" });
    world.tell(...skusTo(3));
    const page = await world.readPage(2, null, deltaCursor);
    store.isBroken = true;
    const last = await world.readPage(2, page.endCursor, deltaCursor);
    expect(namesOf([...page.items, ...last.items])).toEqual(skusTo(3));
    expect((await world.run(10, last.deltaCursor)).items).toEqual([]);

    const after = new FeedWorld(skusTo(3), 1_000, store.reopen());
    await expect(after.readPage(2, null, last.deltaCursor)).rejects.toMatchObject({ reason: "CURSOR_LOST" });
    expect(namesOf((await after.readPage(2, page.endCursor)).items)).toEqual(["S00002"]);
  });
});

describe("a whole run as a stream", () => {
  const question = { after: null, changedSince: null, pageSize: 10, wants: both };

  async function collect(world: FeedWorld, parts: { after?: string | null; pageSize?: number } = {}) {
    const signal = new AbortController().signal;
    const pages: FeedPage[] = [];
    for await (const page of world.reader.readFeed({ ...question, ...parts, signal })) pages.push(page);
    return pages;
  }

  test("names all once, in order, page by page, and can be resumed behind any of them", async () => {
    const world = new FeedWorld(skusTo(35));
    const pages = await collect(world);
    expect(pages.map(({ items }) => items.length)).toEqual([10, 10, 10, 5]);
    expect(pages.flatMap(({ items }) => namesOf(items))).toEqual(skusTo(35));
    expect(pages.map(({ deltaCursor }) => deltaCursor !== null)).toEqual([false, false, false, true]);
    const rest = await collect(world, { after: pages[1]?.endCursor ?? null });
    expect(rest.flatMap(({ items }) => namesOf(items))).toEqual(skusTo(35).slice(20));
  });

  test("reads as many pages as are consumed, and as many ahead as fill the ERP's slots; of the list four pages more", async () => {
    const world = new FeedWorld(skusTo(20_000));
    world.msFor = () => 1_000;
    const stream = world.reader.readFeed({ ...question, signal: new AbortController().signal });
    const askedAt = world.clock.now();
    await world.inTime(stream.next());
    expect(world.clock.now() - askedAt).toBeLessThanOrEqual(1_100);
    await world.clock.advance(60_000);
    expect(world.reads.length).toBe(3);
    await world.inTime(stream.next());
    await world.clock.advance(60_000);
    expect(world.reads.length).toBe(4);
    expect(world.listReads).toBe(5);
  });

  test("takes the time that a slow ERP needs: no page is cut, and none is a page of errors", async () => {
    const world = new FeedWorld(skusTo(120));
    world.msFor = (keys) => 400 * keys;
    const pages = await world.inTime(collect(world, { pageSize: 60 }));
    expect(pages.map(({ items }) => items.length)).toEqual([60, 60]);
    expect(pages.every(isComplete)).toBe(true);
  });

  test("ends when it is told to", async () => {
    const world = new FeedWorld(skusTo(100));
    const ending = new AbortController();
    const names: string[] = [];
    for await (const { items } of world.reader.readFeed({ ...question, signal: ending.signal })) {
      names.push(...namesOf(items));
      if (names.length === 20) ending.abort();
    }
    expect(names).toEqual(skusTo(20));
  });

  test("that is no longer consumed asks for no more, and what it read ahead marks nothing as changed", async () => {
    const world = new FeedWorld(skusTo(100));
    world.msFor = () => 60_000;
    const stream = world.reader.readFeed({ ...question, signal: new AbortController().signal });
    world.msFor = (keys) => (world.reads.length > 1 ? 60_000 : keys);
    await world.inTime(stream.next());
    await stream.return();
    const { sequence } = await world.journal.head();
    const reads = world.reads.length;
    await world.clock.advance(600_000);
    expect(world.reads.length).toBe(reads);
    expect((await world.journal.head()).sequence).toBe(sequence);
  });

  test("tells a page as soon as it was read, though the ERP's list is slow to name what follows", async () => {
    const world = new FeedWorld();
    const { journal, clock } = world;
    const list = {
      readPage: async (after: string | null) => {
        if (after !== null) await new Promise<void>((resolve) => void clock.after(5_000, resolve));
        return { skus: [`${after ?? ""}A`], next: after === "AA" ? null : `${after ?? ""}A` };
      },
    };
    const items = {
      read: async (named: readonly string[]) =>
        named.map((sku) => ({ sku, price: null, stock: null, isRemoved: false })),
    };
    const skus = new FeedSkus(list, journal);
    const reader = new FeedReader({ skus, items, journal, capacity: world.capacity, deadlineMs, clock });
    const toldAt: number[] = [];
    const startedAt = clock.now();
    const run = async () => {
      for await (const _page of reader.readFeed({ ...question, signal: new AbortController().signal }))
        toldAt.push(clock.now() - startedAt);
    };
    await world.inTime(run());
    expect(toldAt).toEqual([0, 5_000, 10_000]);
  });

  test("tells the pages that were read before the ERP's list failed, and then the failure", async () => {
    const world = new FeedWorld(skusTo(100));
    const { journal } = world;
    let reads = 0;
    const list = {
      readPage: async (after: string | null) => {
        reads += 1;
        if (reads === 3) throw new ErpUnavailable("gone");
        return { skus: [`${after ?? ""}A`], next: `${after ?? ""}A` };
      },
    };
    const skus = new FeedSkus(list, journal);
    const items = {
      read: async (named: readonly string[]) =>
        named.map((sku) => ({ sku, price: null, stock: null, isRemoved: false })),
    };
    const reader = new FeedReader({ skus, items, journal, capacity: world.capacity, deadlineMs, clock: world.clock });
    const names: string[] = [];
    const run = async () => {
      for await (const { items } of reader.readFeed({ ...question, signal: new AbortController().signal }))
        names.push(...namesOf(items));
    };
    await expect(run()).rejects.toMatchObject({ code: "ERP_UNAVAILABLE" });
    expect(names).toEqual(["A", "AA"]);
  });
});

describe("the ERP's list of products", () => {
  /** Slots that a test deals out by hand. */
  function createSlots() {
    const users: SlotUser[] = [];
    return {
      slots: {
        join(joined: SlotUser) {
          users.push(joined);
        },
        deal() {},
      },
      offer: (slotClass: SlotClass) => users[0]?.offer(slotClass) ?? null,
      waiting: () => lanes.map((lane) => users[0]?.waitingIn(lane)),
    };
  }

  test("is read in a slot of the feed's alone, which is given back", async () => {
    const { slots, offer, waiting } = createSlots();
    const clock = new VirtualClock();
    const list = new SlottedList(
      { readPage: async () => ({ skus: ["A"], next: null }) },
      { slots, timeoutMs: 5_000, clock },
    );
    const reading = list.readPage(null, 10, Number.MAX_SAFE_INTEGER);
    expect(offer("buyers")).toBeNull();
    expect(waiting()).toEqual([0, 0, 1]);
    let given = 0;
    offer("feed")?.send(() => {
      given += 1;
    });
    expect(waiting()).toEqual([0, 0, 0]);
    expect(offer("feed")).toBeNull();
    expect(await reading).toEqual({ skus: ["A"], next: null });
    await clock.advance(0);
    expect(given).toBe(1);
  });

  test("is followed by its next page in the same slot, where that is asked for as soon as this one is read", async () => {
    const clock = new VirtualClock();
    const { slots, offer } = createSlots();
    const readPage = async (after: string | null) => ({ skus: ["A"], next: after === null ? "2" : null });
    const list = new SlottedList({ readPage }, { slots, timeoutMs: 5_000, clock });
    const first = list.readPage(null, 10, Number.MAX_SAFE_INTEGER);
    const next = first.then(({ next: after }) => list.readPage(after, 10, Number.MAX_SAFE_INTEGER));
    let waitsWhenGiven = false;
    offer("feed")?.send(() => {
      waitsWhenGiven = offer("feed") !== null;
    });
    await clock.advance(0);
    expect(waitsWhenGiven).toBe(true);
    offer("feed")?.send(() => {});
    expect(await next).toEqual({ skus: ["A"], next: null });
  });

  test("is a time-out where no slot came free before the deadline, and is not read afterwards", async () => {
    const clock = new VirtualClock();
    const { slots, offer } = createSlots();
    const list = new SlottedList(
      { readPage: () => Promise.reject(new Error("read")) },
      { slots, timeoutMs: 5_000, clock },
    );
    const reading = list.readPage(null, 10, clock.now() + 10_000);
    const refused = expect(reading).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
    await clock.advance(10_000);
    await refused;
    expect(offer("feed")).toBeNull();
  });

  test("one call is aborted at its own time-out", async () => {
    const clock = new VirtualClock();
    const { slots, offer } = createSlots();
    let aborted: AbortSignal | undefined;
    const readPage = (_after: string | null, _limit: number, signal: AbortSignal) => {
      aborted = signal;
      return new Promise<never>((_resolve, reject) =>
        signal.addEventListener("abort", () => reject(new ErpUnavailable("cut"))),
      );
    };
    const list = new SlottedList({ readPage }, { slots, timeoutMs: 5_000, clock });
    const reading = expect(list.readPage(null, 10, clock.now() + 60_000)).rejects.toThrow("cut");
    offer("feed")?.send(() => {});
    await clock.advance(4_999);
    expect(aborted?.aborted).toBe(false);
    await clock.advance(1);
    await reading;
  });
});
