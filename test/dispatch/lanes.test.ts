import { describe, expect, test } from "vitest";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ConcurrencyLimit } from "../../src/dispatch/concurrency-limit.js";
import { Dispatcher } from "../../src/dispatch/dispatcher.js";
import type { Lane } from "../../src/pricing/source.js";
import { FakeErp, type NamedKey } from "../support/fake-source.js";
import { askAt } from "../support/samples.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";
import { createBreaker, fixedLimit, grouped, optionsOf, type Reading, setUpDispatcher } from "./dispatcher-setup.js";
import { ErpOfWorkers, type WorkersOptions } from "./erp-of-workers.js";

type Parts = ReturnType<typeof setUpDispatcher>;

/** Answers the oldest call again and again, each after 10 ms, until none is under way. */
async function answerAll({ clock, erp }: Parts): Promise<void> {
  for (await clock.advance(10); erp.inFlight.length > 0; await clock.advance(10)) erp.inFlight[0]?.answer();
}

/** Asks one key in a group of its own, so that nothing shares its call. */
function readAlone({ clock, read }: Parts, id: string, lane: Lane, forMs = 2_000): Reading {
  return read(grouped(id, id), { lane, deadline: clock.now() + forMs });
}

describe("the order in which keys leave", () => {
  test("checkouts leave by the earliest deadline, whoever came first", async () => {
    const parts = setUpDispatcher();
    readAlone(parts, "busy", "checkout");
    for (const [id, forMs] of [
      ["patient", 3_000],
      ["hurried", 500],
      ["usual", 1_000],
    ] as const) {
      readAlone(parts, id, "checkout", forMs);
    }
    await answerAll(parts);
    expect(parts.erp.asked.flat()).toEqual(["busy", "hurried", "usual", "patient"]);
  });

  test("a checkout that joins with an earlier deadline hurries its key on", async () => {
    const parts = setUpDispatcher();
    readAlone(parts, "busy", "checkout");
    readAlone(parts, "first", "checkout", 1_000);
    readAlone(parts, "joined", "checkout", 3_000);
    readAlone(parts, "joined", "checkout", 500);
    await answerAll(parts);
    expect(parts.erp.asked.flat()).toEqual(["busy", "joined", "first"]);
  });

  test("the storefront leaves newest first, the feed in the order it came", async () => {
    const parts = setUpDispatcher();
    readAlone(parts, "busy", "storefront");
    for (const id of ["1", "2", "3"]) {
      readAlone(parts, `feed ${id}`, "feed");
      readAlone(parts, `storefront ${id}`, "storefront");
      await parts.clock.advance(10);
    }
    await answerAll(parts);
    const storefront = ["storefront 3", "storefront 2", "storefront 1"];
    expect(parts.erp.asked.flat()).toEqual(["busy", ...storefront, "feed 1", "feed 2", "feed 3"]);
  });

  test("a call takes along few keys of lower lanes where it has few of its own, since more would cost it time", async () => {
    const parts = setUpDispatcher();
    parts.read(["busy"]);
    const ids = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index}`);
    parts.read(ids("feed", 90), { lane: "feed" });
    parts.read(["checkout"], { lane: "checkout" });
    parts.erp.callAt(0).answer();
    await settle();
    expect(parts.erp.asked[1]).toEqual(["checkout", ...ids("feed", 10)]);
    parts.read(ids("page", 24));
    parts.erp.callAt(1).answer();
    await settle();
    expect(parts.erp.asked[2]).toHaveLength(48);
  });

  test("the feed leaves what buyers took at once of late until half of its time is over", async () => {
    const parts = setUpDispatcher({ limit: 8 });
    const { slots } = parts;
    for (let page = 0; page < 7; page++) readAlone(parts, `page ${page}`, "storefront");
    await answerAll(parts);
    const start = parts.clock.now();
    for (let item = 0; item < 99; item++) readAlone(parts, `feed ${item}`, "feed", 4_000);
    const tick = async () => {
      await parts.clock.advance(100);
      for (const call of [...parts.erp.inFlight]) call.answer();
      await settle();
    };
    while (parts.clock.now() - start <= 2_000) {
      expect([parts.erp.inFlight.length, slots.isFeedPressed]).toEqual([2, false]);
      await tick();
    }
    expect(slots.isFeedPressed).toBe(true);
    expect(parts.erp.inFlight).toHaveLength(6);
  });

  test("among kinds of question the checkout goes first, whichever kind it asks", async () => {
    const clock = new VirtualClock();
    const slots = new CallSlots(fixedLimit(1), clock);
    const breaker = createBreaker(() => clock.now());
    const kinds = (["price", "stock"] as const).map((kind) => {
      const erp = new FakeErp();
      return { erp, dispatcher: new Dispatcher(erp, { ...optionsOf({ slots, breaker, clock }), kind }) };
    });
    const [prices, stock] = kinds as [(typeof kinds)[0], (typeof kinds)[0]];
    const ask = (of: typeof prices, id: string, lane: Lane) =>
      void of.dispatcher.readMany(grouped(id, id), askAt(clock.now(), { lane }));
    ask(prices, "busy", "storefront");
    ask(prices, "page", "storefront");
    ask(stock, "feed", "feed");
    ask(stock, "order", "checkout");
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      const call = kinds.flatMap(({ erp }) => erp.inFlight)[0];
      order.push(call?.keys[0]?.id ?? "");
      call?.answer();
      await settle();
    }
    expect(order).toEqual(["busy", "order", "page", "feed"]);
    breaker.shutdown();
  });
});

describe("shedding", () => {
  /** Pages of different customers, one every 50 ms, at an ERP that answers one call in 100 ms: twice what it can bear. */
  async function overload(parts: Parts, ms: number): Promise<Reading[]> {
    const callers: Reading[] = [];
    for (let at = 0; at < ms; at += 50) {
      callers.push(readAlone(parts, `page ${callers.length}`, "storefront"));
      await parts.clock.advance(50);
      if (at % 100 === 50) parts.erp.inFlight[0]?.answer();
      await settle();
    }
    return callers;
  }

  test("a queue that drains within a second sheds nobody", async () => {
    const parts = setUpDispatcher();
    const callers = await overload(parts, 900);
    await answerAll(parts);
    expect(callers.filter(({ words }) => words?.[0] === "ErpOverloaded")).toEqual([]);
  });

  test("behind a queue that does not drain who waited longest is told at once, and newcomers are answered quickly", async () => {
    const parts = setUpDispatcher();
    const callers = await overload(parts, 3_000);
    const words = callers.map(({ words: said }) => said?.[0]);
    expect(words.filter((word) => word === "ErpOverloaded").length).toBeGreaterThan(15);
    expect(words.filter((word) => word?.startsWith("page")).length).toBeGreaterThanOrEqual(28);
    expect(parts.dispatcher.waitingKeys).toBeLessThan(8);
  });

  test("what is shed tells when to come again, does not count against the ERP, and is not told as its answer", async () => {
    const parts = setUpDispatcher();
    const callers = await overload(parts, 3_000);
    const shed = callers.find(({ words }) => words?.[0] === "ErpOverloaded");
    expect(shed?.outcomes[0]).toMatchObject({ error: { retryAfterSeconds: 1, countsAsFailure: false } });
    expect(parts.told.filter(([, word]) => word === "ErpOverloaded")).toEqual([]);
    const shedInAll = callers.filter(({ words }) => words?.[0] === "ErpOverloaded").length;
    expect(parts.decisions.filter((decision) => decision === "storefront shed")).toHaveLength(shedInAll);
  });

  test("checkouts and the feed are never shed", async () => {
    const parts = setUpDispatcher();
    const others = [readAlone(parts, "busy", "checkout", 60_000)];
    for (let index = 0; index < 20; index++) {
      others.push(
        readAlone(parts, `order ${index}`, "checkout", 60_000),
        readAlone(parts, `feed ${index}`, "feed", 60_000),
      );
    }
    await overload(parts, 3_000);
    await answerAll(parts);
    expect(others.filter(({ words }) => words?.[0] === "ErpOverloaded")).toEqual([]);
  });

  test("the first rush after a quiet night is shed no sooner than any other", async () => {
    const parts = setUpDispatcher();
    await overload(parts, 3_000);
    await answerAll(parts);
    await parts.clock.advance(8 * 3_600_000);
    const callers = await overload(parts, 900);
    await answerAll(parts);
    expect(callers.filter(({ words }) => words?.[0] === "ErpOverloaded")).toEqual([]);
  });

  test("an ERP of slow calls has a longer queue, and sheds nobody for that alone", async () => {
    const parts = setUpDispatcher();
    for (let call = 0; call < 3; call++) {
      readAlone(parts, `warm ${call}`, "storefront");
      await parts.clock.advance(600);
      parts.erp.inFlight[0]?.answer();
      await settle();
    }
    const callers = [0, 1, 2].map((page) => readAlone(parts, `page ${page}`, "storefront"));
    for (let call = 0; call < 3; call++) {
      await parts.clock.advance(600);
      parts.erp.inFlight[0]?.answer();
      await settle();
    }
    expect(callers.map(({ words }) => words?.[0])).toEqual(["page 0", "page 1", "page 2"]);
  });
});

describe("what cannot be answered in time", () => {
  /** An ERP that was seen to take 500 ms. */
  async function slowErp(limit: number): Promise<Parts> {
    const parts = setUpDispatcher({ limit });
    readAlone(parts, "warm", "storefront");
    await parts.clock.advance(500);
    parts.erp.callAt(0).answer();
    await settle();
    return parts;
  }

  test("is refused before it is sent, and not held against the ERP", async () => {
    const parts = await slowErp(2);
    readAlone(parts, "under way", "checkout");
    const late = readAlone(parts, "late", "checkout", 499);
    const inTime = readAlone(parts, "in time", "checkout", 500);
    await settle();
    expect([late.words, inTime.words]).toEqual([["ErpTimeout"], null]);
    expect(parts.erp.asked).toEqual([["warm"], ["under way"], ["in time"]]);
    expect(parts.told.map(([, word]) => word)).toEqual(["warm"]);
    expect(parts.decisions).toEqual(["checkout late"]);
  });

  test("is, in the feed, what would be late with a slow call; a buyer's question is worth the attempt", async () => {
    const parts = setUpDispatcher({ limit: 3 });
    for (const ms of [100, 100, 900]) {
      const call = parts.erp.asked.length;
      readAlone(parts, `warm ${ms} ${call}`, "feed");
      await parts.clock.advance(ms);
      parts.erp.callAt(call).answer();
      await settle();
    }
    readAlone(parts, "under way", "feed");
    const inTime = readAlone(parts, "in time", "feed", 900);
    const late = readAlone(parts, "late", "feed", 899);
    const buyer = readAlone(parts, "buyer", "checkout", 899);
    await settle();
    expect([inTime.words, late.words, buyer.words]).toEqual([null, ["ErpTimeout"], null]);
    expect(parts.erp.asked.slice(3)).toEqual([["under way"], ["in time"], ["buyer"]]);
    expect(parts.decisions).toContain("feed late");
  });

  test("is sent all the same to an ERP that nothing else is asked, or nobody would learn that it is quick again", async () => {
    const parts = await slowErp(2);
    const caller = readAlone(parts, "late", "storefront", 100);
    expect(parts.erp.asked[1]).toEqual(["late"]);
    await parts.clock.advance(20);
    parts.erp.callAt(1).answer();
    await settle();
    expect(caller.words).toEqual(["late"]);
  });

  test("makes way for what can be", async () => {
    const parts = await slowErp(1);
    readAlone(parts, "busy", "checkout");
    const late = readAlone(parts, "late", "checkout", 600);
    const inTime = readAlone(parts, "in time", "checkout", 1_500);
    await parts.clock.advance(200);
    parts.erp.callAt(1).answer();
    await settle();
    expect(parts.erp.asked[2]).toEqual(["in time"]);
    expect([late.words, inTime.words]).toEqual([["ErpTimeout"], null]);
  });

  test("is judged by what was seen within the last minute alone", async () => {
    const parts = await slowErp(2);
    await parts.clock.advance(61_000);
    readAlone(parts, "under way", "checkout");
    readAlone(parts, "quick", "checkout", 100);
    expect(parts.erp.asked.slice(1)).toEqual([["under way"], ["quick"]]);
  });
});

describe("lanes before an ERP of workers", () => {
  /** Asks a new key in a group of its own at each step of a lane's pace. */
  class Shop {
    readonly clock = new VirtualClock();
    readonly erp: ErpOfWorkers;
    readonly limit: ConcurrencyLimit;
    readonly slots: CallSlots;
    readonly #dispatcher: Dispatcher<NamedKey, string>;
    readonly #breaker = createBreaker(() => this.clock.now());
    /** How long answered questions took, by lane, in ms. */
    readonly took: Record<Lane, number[]> = { checkout: [], storefront: [], feed: [] };
    #asked = 0;

    constructor(most: number, options: Omit<WorkersOptions, "clock">) {
      this.erp = new ErpOfWorkers({ clock: this.clock, ...options });
      this.limit = new ConcurrencyLimit(most);
      this.slots = new CallSlots(this.limit, this.clock);
      const parts = { slots: this.slots, breaker: this.#breaker, clock: this.clock };
      this.#dispatcher = new Dispatcher(this.erp, { ...optionsOf(parts), abandonMs: null });
    }

    /** @param everyMs how long from one question to the next, by lane; a lane left out asks nothing */
    async run(ms: number, everyMs: Partial<Record<Lane, number>>): Promise<void> {
      const forMs = { checkout: 3_000, storefront: 2_000, feed: 10_000 };
      for (let at = 0; at < ms; at += 10) {
        for (const [lane, pace] of Object.entries(everyMs) as [Lane, number][]) {
          if (at % pace === 0) this.#ask(lane, forMs[lane]);
        }
        await this.clock.advance(10);
        expect(this.slots.inFlight).toBeGreaterThanOrEqual(this.erp.inFlight);
      }
    }

    stop(): void {
      this.#breaker.shutdown();
    }

    #ask(lane: Lane, forMs: number): void {
      const askedAt = this.clock.now();
      const id = `${lane} ${this.#asked++}`;
      const ask = askAt(askedAt, { lane, deadline: askedAt + forMs });
      void this.#dispatcher.readMany([{ id, group: id }], ask).then(([outcome]) => {
        if (outcome?.kind === "found") this.took[lane].push(this.clock.now() - askedAt);
      });
    }
  }

  const p99 = (times: readonly number[]) =>
    [...times].sort((one, other) => one - other)[Math.floor(times.length * 0.99)] ?? 0;

  test("a checkout waits for no more than a slot, however many pages and feed keys press", async () => {
    const shop = new Shop(4, { workers: 4, msOf: () => 100 });
    await shop.run(10_000, { checkout: 200 });
    const calm = p99(shop.took.checkout);
    shop.took.checkout.length = 0;
    await shop.run(20_000, { checkout: 200, storefront: 10, feed: 10 });
    expect(shop.took.checkout.length).toBeGreaterThanOrEqual(98);
    expect(p99(shop.took.checkout)).toBeLessThanOrEqual(2 * calm);
    shop.stop();
  });

  test("the feed gets a tenth of the ERP's time while pages want all of it, and no more", async () => {
    const shop = new Shop(4, { workers: 4, msOf: () => 100 });
    await shop.run(30_000, { storefront: 10, feed: 10 });
    const feedMs = shop.erp.workedMs.get("f") ?? 0;
    const allMs = feedMs + (shop.erp.workedMs.get("s") ?? 0);
    expect(allMs).toBeGreaterThan(0.95 * 4 * 30_000);
    expect(feedMs / allMs).toBeGreaterThan(0.08);
    expect(feedMs / allMs).toBeLessThan(0.12);
    shop.stop();
  });

  test("the feed gets what pages leave, and all of it while there are none", async () => {
    const shop = new Shop(4, { workers: 4, msOf: () => 100 });
    await shop.run(20_000, { feed: 10 });
    expect(shop.erp.workedMs.get("f")).toBeGreaterThan(0.95 * 4 * 20_000);
    shop.stop();
  });

  test("while buyers are about the feed leaves a slot free for the next of them", async () => {
    const shop = new Shop(4, { workers: 4, msOf: () => 100 });
    await shop.run(10_000, { checkout: 1_000, feed: 10 });
    expect(Math.max(...shop.took.checkout)).toBe(100);
    shop.stop();
  });

  test("an ERP that loses most of its workers is asked less, checkouts are still answered, and all comes back with them", async () => {
    const shop = new Shop(8, { workers: 8, msOf: () => 200 });
    const everyMs = { checkout: 250, storefront: 60, feed: 90 };
    await shop.run(20_000, everyMs);
    expect(shop.limit.current).toBe(8);
    shop.erp.workers = 3;
    await shop.run(10_000, everyMs);
    expect(shop.limit.current).toBeLessThanOrEqual(6);
    shop.took.checkout.length = 0;
    await shop.run(40_000, everyMs);
    expect(shop.took.checkout.length).toBeGreaterThanOrEqual(159);
    expect(p99(shop.took.checkout)).toBeLessThanOrEqual(1_000);
    shop.erp.workers = 8;
    shop.took.storefront.length = 0;
    await shop.run(10_000, everyMs);
    expect(shop.took.storefront.length).toBeGreaterThanOrEqual(0.95 * (10_000 / 60));
    expect(shop.erp.mostInFlight).toBeLessThanOrEqual(8);
    shop.stop();
  });
});
