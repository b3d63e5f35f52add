import { describe, expect, test } from "vitest";
import { CachedSource, type CachedSourceOptions } from "../../src/cache/cached-source.js";
import { ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import { type Ask, failed, type Outcome } from "../../src/pricing/source.js";
import type { CacheOutcome } from "../../src/telemetry/metric-names.js";
import { bySku, keysOf, type NamedKey, RecordingSource } from "../support/fake-source.js";
import { askAt, foundAt, unknownAt } from "../support/samples.js";
import { settle, VirtualClock } from "../support/virtual-clock.js";

const windows = { freshMs: 60_000, staleMs: 600_000, unknownMs: 30_000, failureMs: 1_000 };
const [a, b] = keysOf("a", "b") as [NamedKey, NamedKey];

type Options = CachedSourceOptions<NamedKey, string>;

/** A cache over a source that answers the key's id and the instant it was asked. */
function setUp(options: Partial<Options> = {}) {
  const clock = new VirtualClock();
  const inner = new RecordingSource<NamedKey, string>(({ id }) => foundAt(`${id}@${clock.now()}`, clock.now()));
  const lookups: CacheOutcome[] = [];
  const cache = new CachedSource(inner, {
    windows,
    maxBytes: 1_000_000,
    clock,
    random: () => 0,
    revalidateMs: 10_000,
    longestFlightMs: 5_000,
    namesOf: bySku,
    onLookup: (outcome) => lookups.push(outcome),
    ...options,
  });
  const read = (keys: readonly NamedKey[], ask: Partial<Ask> = {}) => cache.readMany(keys, askAt(clock.now(), ask));
  const readOne = async (key: NamedKey, ask: Partial<Ask> = {}) => (await read([key], ask))[0] as Outcome<string>;
  const down = () => {
    inner.outcomeOf = () => failed(new ErpUnavailable("the ERP is down"));
  };
  return { clock, inner, cache, lookups, read, readOne, down };
}

function labelOf(outcome: Outcome<string>) {
  if (outcome.kind === "failed") return outcome.error.constructor.name;
  const { source, staleReason } = outcome.freshness;
  return staleReason === null ? source : `${source} ${staleReason}`;
}

describe("what is last known", () => {
  test("is told without asking, labelled, up to the hard bound, also to those who are given no stale answer", async () => {
    const { clock, inner, cache, readOne, down } = setUp();
    const computedAt = clock.now();
    expect(cache.lastKnown(a)).toBeNull();
    await readOne(a, { lane: "checkout", maxAgeMs: 0 });
    const freshness = {
      source: "LAST_KNOWN",
      computedAt,
      freshUntil: computedAt + 60_000,
      staleReason: "REVALIDATING",
    };
    expect(cache.lastKnown(a)).toEqual({ kind: "found", answer: `a@${computedAt}`, freshness });
    down();
    await readOne(a, { lane: "checkout", maxAgeMs: 0 });
    await clock.advance(599_999);
    expect(cache.lastKnown(a)?.freshness).toEqual({ ...freshness, staleReason: "ERP_UNAVAILABLE" });
    await clock.advance(1);
    expect(cache.lastKnown(a)).toBeNull();
    expect(inner.askedIds).toEqual([["a"], ["a"]]);
  });

  test("is nothing that was forgotten, nor the ERP's word that it knows no such thing", async () => {
    const { inner, cache, readOne } = setUp();
    inner.outcomeOf = ({ id }) => (id === "b" ? unknownAt(0) : foundAt(id, 0));
    await readOne(a);
    await readOne(b);
    expect(cache.lastKnown(b)).toBeNull();
    cache.forget(() => true, "everything");
    expect(cache.lastKnown(a)).toBeNull();
  });
});

describe("what memory answers", () => {
  test("a fresh answer is served as it was said, with its age, and the ERP is not asked", async () => {
    const { clock, inner, readOne } = setUp();
    const asked = clock.now();
    await readOne(a);
    await clock.advance(59_999);
    expect(await readOne(a)).toEqual({
      kind: "found",
      answer: `a@${asked}`,
      freshness: { source: "CACHE", computedAt: asked, freshUntil: asked + 60_000, staleReason: null },
    });
    expect(inner.askedIds).toEqual([["a"]]);
  });

  test("what was read for this very question says so, and carries its fresh window", async () => {
    const { clock, readOne } = setUp();
    const asked = clock.now();
    const { freshness } = (await readOne(a)) as Extract<Outcome<string>, { kind: "found" }>;
    expect(freshness).toEqual({ source: "ERP", computedAt: asked, freshUntil: asked + 60_000, staleReason: null });
  });

  test("what is dated far ahead is asked anew, and gives way to what is dated right", async () => {
    const { clock, inner, readOne } = setUp();
    inner.tell(a, foundAt("from tomorrow", clock.now() + 86_400_000));
    expect(labelOf(await readOne(a))).toBe("ERP");
    expect(labelOf(await readOne(a))).toBe("CACHE");
    expect(inner.askedIds).toEqual([["a"]]);
  });

  test("only cold keys are asked, and every answer stands at its own key", async () => {
    const { inner, readOne, read } = setUp();
    await readOne(b);
    const outcomes = await read(keysOf("a", "b", "c"));
    expect(inner.askedIds).toEqual([["b"], ["a", "c"]]);
    expect(outcomes.map((outcome) => outcome.kind === "found" && outcome.answer.split("@")[0])).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(outcomes.map(labelOf)).toEqual(["ERP", "CACHE", "ERP"]);
  });

  test("a request for hits is answered while a neighbour's cold key is still being fetched", async () => {
    const { inner, readOne, read } = setUp();
    await readOne(a);
    inner.outcomeOf = () => new Promise(() => {}); // the ERP hangs
    const cold = read([b]);
    expect(labelOf(await readOne(a))).toBe("CACHE");
    expect(await Promise.race([cold, settle().then(() => "waits")])).toBe("waits");
  });

  test("what does not hold for all who ask the key is answered and not kept, and leaves what was kept before", async () => {
    const { clock, inner, readOne } = setUp({ holdsForAll: (_key, outcome) => outcome.kind !== "unknown" });
    const asked = clock.now();
    await readOne(a);
    await clock.advance(60_000);
    inner.outcomeOf = () => unknownAt(clock.now(), "customer");
    await readOne(a); // last known, and read again behind it
    await settle();
    expect(await readOne(a)).toMatchObject({ kind: "found", answer: `a@${asked}` });
    expect((await readOne(b)).kind).toBe("unknown");
    inner.asked.length = 0;
    expect((await readOne(b)).kind).toBe("unknown");
    expect(inner.askedIds).toEqual([["b"]]);
  });

  test("the fresh window ends early where the answer itself ends", async () => {
    const { clock, readOne } = setUp({ validUntil: (answer) => Number(answer.split("@")[1]) + 5_000 });
    await readOne(a);
    await clock.advance(4_999);
    expect(labelOf(await readOne(a))).toBe("CACHE");
    await clock.advance(1);
    expect(labelOf(await readOne(a))).toBe("LAST_KNOWN REVALIDATING");
  });

  test("after a quiet month nothing is left to serve: the ERP is asked and waited for", async () => {
    const { clock, inner, readOne } = setUp();
    await readOne(a);
    await clock.advance(30 * 24 * 3_600_000);
    expect(labelOf(await readOne(a))).toBe("ERP");
    expect(inner.asked).toHaveLength(2);
  });

  test("the least recently used answers go first once there are too many", async () => {
    const { cache, inner, read, readOne } = setUp({ maxEntries: 3 });
    await read(keysOf("a", "b", "c"));
    await readOne(a);
    await read(keysOf("d"));
    expect(cache.size).toBe(3);
    expect((await read(keysOf("a", "c", "d"))).map(labelOf)).toEqual(["CACHE", "CACHE", "CACHE"]);
    expect(labelOf(await readOne(b))).toBe("ERP");
    expect(inner.askedIds.at(-1)).toEqual(["b"]);
  });

  test("every lookup is counted by what it met", async () => {
    const { clock, inner, lookups, readOne, down } = setUp();
    await readOne(a);
    await readOne(a);
    await readOne(a, { maxAgeMs: 0 });
    await clock.advance(60_000);
    await readOne(a);
    inner.outcomeOf = () => unknownAt(clock.now());
    await readOne(b);
    await readOne(b);
    down();
    await readOne(keysOf("c")[0] as NamedKey);
    await readOne(keysOf("c")[0] as NamedKey);
    expect(lookups).toEqual(["absent", "fresh", "bypassed", "stale", "absent", "unknown", "absent", "failed_recently"]);
  });
});

describe("last known answers", () => {
  test("past its fresh window an answer is served at once, labelled, and read again behind the caller's back", async () => {
    const { clock, inner, readOne } = setUp();
    const asked = clock.now();
    await readOne(a);
    await clock.advance(60_000);
    const again = (await readOne(a)) as Extract<Outcome<string>, { kind: "found" }>;
    expect(again.answer).toBe(`a@${asked}`);
    expect(again.freshness).toEqual({
      source: "LAST_KNOWN",
      computedAt: asked,
      freshUntil: asked + 60_000,
      staleReason: "REVALIDATING",
    });
    expect(inner.asked).toHaveLength(2);
    await settle();
    expect(await readOne(a)).toMatchObject({ answer: `a@${clock.now()}`, freshness: { source: "CACHE" } });
  });

  test("reading again has a deadline of its own, and accepts no age bound of its caller", async () => {
    const { clock, inner, readOne } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    await readOne(a, { maxAgeMs: 120_000, deadline: clock.now() + 5, lane: "feed" });
    expect(inner.asked[1]?.ask).toEqual({
      lane: "feed",
      deadline: clock.now() + 10_000,
      maxAgeMs: null,
      budget: null,
      signal: null,
    });
  });

  test("a caller of stale and cold keys waits for the cold ones alone", async () => {
    const { clock, inner, readOne, read } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    inner.outcomeOf = ({ id }) => (id === "a" ? new Promise(() => {}) : foundAt(id, clock.now()));
    expect((await read([a, b])).map(labelOf)).toEqual(["LAST_KNOWN REVALIDATING", "ERP"]);
  });

  test("checkout is told what went wrong rather than given a last known answer", async () => {
    const { clock, readOne, down } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    down();
    expect(labelOf(await readOne(a, { lane: "checkout", maxAgeMs: 0 }))).toBe("ErpUnavailable");
    expect(labelOf(await readOne(a, { lane: "checkout" }))).toBe("ErpUnavailable");
  });

  test("an ERP that is down is named as the reason, until it answers again", async () => {
    const { clock, inner, readOne, down } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    const outcomeOf = inner.outcomeOf;
    down();
    expect(labelOf(await readOne(a))).toBe("LAST_KNOWN REVALIDATING");
    await settle();
    expect(labelOf(await readOne(a))).toBe("LAST_KNOWN ERP_UNAVAILABLE");
    await clock.advance(100_000);
    expect(labelOf(await readOne(a))).toBe("LAST_KNOWN ERP_UNAVAILABLE");
    inner.outcomeOf = outcomeOf;
    await clock.advance(1_000);
    await readOne(a);
    await settle();
    expect(labelOf(await readOne(a))).toBe("CACHE");
    await clock.advance(60_000);
    expect(labelOf(await readOne(a))).toBe("LAST_KNOWN REVALIDATING");
  });

  test("an ERP that failed is left alone for a second, and asked again after it", async () => {
    const { clock, inner, readOne, down } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    down();
    await readOne(a);
    await settle();
    await clock.advance(999);
    await readOne(a);
    expect(inner.asked).toHaveLength(2);
    await clock.advance(1);
    await readOne(a);
    expect(inner.asked).toHaveLength(3);
  });

  test("past the hard bound the ERP's error is the answer", async () => {
    const { clock, readOne, down } = setUp();
    await readOne(a);
    down();
    await clock.advance(600_000);
    expect(labelOf(await readOne(a))).toBe("ErpUnavailable");
  });

  test("a maximum age is never met by an older answer, not even where the ERP fails", async () => {
    const { clock, readOne, down } = setUp();
    await readOne(a);
    await clock.advance(10_001);
    down();
    expect(labelOf(await readOne(a, { maxAgeMs: 10_000 }))).toBe("ErpUnavailable");
  });

  test("an answer that came to be known while a failing read was waited for is served as what it is: kept, and fresh", async () => {
    const { clock, inner, readOne } = setUp();
    inner.outcomeOf = (key) => {
      inner.tell(key, foundAt("from elsewhere", clock.now()));
      return failed(new ErpTimeout("too late"));
    };
    // The contract: LAST_KNOWN is older than its freshness.
    expect(labelOf(await readOne(a))).toBe("CACHE");
  });

  test("a bug is never hidden behind a last known answer", async () => {
    const { clock, inner, readOne } = setUp();
    inner.outcomeOf = (key) => {
      inner.tell(key, foundAt("from elsewhere", clock.now()));
      return failed(new TypeError("a bug"));
    };
    expect(labelOf(await readOne(a))).toBe("TypeError");
  });
});

describe("what is remembered", () => {
  test("that the ERP knows no such thing, for 30 s", async () => {
    const { clock, inner, readOne } = setUp();
    inner.outcomeOf = () => unknownAt(clock.now(), "customer");
    await readOne(a);
    await clock.advance(29_999);
    expect(await readOne(a)).toMatchObject({ kind: "unknown", what: "customer", freshness: { source: "CACHE" } });
    expect(inner.asked).toHaveLength(1);
    await clock.advance(1);
    await readOne(a);
    expect(inner.asked).toHaveLength(2);
  });

  test("a failure, for one second: it is answered again without asking", async () => {
    const { clock, inner, readOne, down } = setUp();
    down();
    await readOne(a);
    await clock.advance(999);
    expect(labelOf(await readOne(a))).toBe("ErpUnavailable");
    expect(inner.asked).toHaveLength(1);
    await clock.advance(1);
    await readOne(a);
    expect(inner.asked).toHaveLength(2);
  });

  test("a failure of one key says nothing of its neighbour", async () => {
    const { clock, inner, read } = setUp();
    inner.outcomeOf = ({ id }) => (id === "a" ? failed(new ErpTimeout("silent")) : foundAt(id, clock.now()));
    expect((await read([a, b])).map(labelOf)).toEqual(["ErpTimeout", "ERP"]);
    expect((await read([a, b])).map(labelOf)).toEqual(["ErpTimeout", "CACHE"]);
  });

  test("a fresh answer outlives a failure of a live read", async () => {
    const { readOne, down } = setUp();
    await readOne(a);
    down();
    expect(labelOf(await readOne(a, { maxAgeMs: 0 }))).toBe("ErpUnavailable");
    expect(labelOf(await readOne(a))).toBe("CACHE");
  });

  test("a live question passes by every memory, failures included, and renews it", async () => {
    const { clock, inner, readOne, down } = setUp();
    const outcomeOf = inner.outcomeOf;
    down();
    await readOne(a);
    inner.outcomeOf = outcomeOf;
    expect(labelOf(await readOne(a, { maxAgeMs: 0 }))).toBe("ERP");
    await clock.advance(1);
    expect(labelOf(await readOne(a, { maxAgeMs: 0 }))).toBe("ERP");
    expect(await readOne(a)).toMatchObject({ answer: `a@${clock.now()}` });
  });

  test("an answer that comes after its caller has left is kept for the next one", async () => {
    const { clock, inner, readOne } = setUp();
    inner.tell(a, foundAt("late", clock.now() - 3_000));
    expect(await readOne(a)).toMatchObject({ answer: "late", freshness: { source: "CACHE" } });
    expect(inner.asked).toHaveLength(0);
  });

  test("an answer to an older question never replaces that to a newer one", async () => {
    const { clock, inner, readOne } = setUp();
    inner.tell(a, foundAt("newer", clock.now()));
    inner.tell(a, foundAt("older", clock.now() - 1));
    expect(await readOne(a)).toMatchObject({ answer: "newer" });
    inner.tell(a, foundAt("as new, and later here", clock.now()));
    expect(await readOne(a)).toMatchObject({ answer: "as new, and later here" });
  });

  test("an older answer is still the answer of the one who asked for it, with its own age", async () => {
    const { clock, inner, readOne } = setUp();
    inner.outcomeOf = (key) => {
      inner.tell(key, foundAt("newer", clock.now()));
      return foundAt("older", clock.now() - 500);
    };
    expect(await readOne(a)).toMatchObject({ answer: "older", freshness: { computedAt: clock.now() - 500 } });
    expect(await readOne(a)).toMatchObject({ answer: "newer" });
  });
});

describe("what is invalidated", () => {
  test("is forgotten, the word that there is no such thing included, and counted; the rest stays", async () => {
    const { clock, inner, cache, read, readOne } = setUp();
    const outcomeOf = inner.outcomeOf;
    await read(keysOf("a", "b", "c"));
    inner.outcomeOf = () => unknownAt(clock.now());
    await read(keysOf("d"));
    inner.outcomeOf = outcomeOf;
    await clock.advance(1);
    expect(cache.forget(({ id }) => id === "a" || id === "d", { sku: new Set(["a", "d"]) })).toBe(2);
    expect(cache.forget(({ id }) => id === "a", { sku: new Set(["a"]) })).toBe(0);
    expect((await read(keysOf("a", "b", "c", "d"))).map(labelOf)).toEqual(["ERP", "CACHE", "CACHE", "ERP"]);
    expect(labelOf(await readOne(a))).toBe("ERP"); // asked within the invalidation's millisecond: kept for nobody
    await clock.advance(1);
    await readOne(a);
    expect(labelOf(await readOne(a))).toBe("CACHE");
  });

  test("is asked again though asking it failed just now, and counts as no answer forgotten", async () => {
    const { clock, inner, cache, readOne, down } = setUp();
    const outcomeOf = inner.outcomeOf;
    down();
    await readOne(a);
    inner.outcomeOf = outcomeOf;
    expect(cache.forget(() => true, "everything")).toBe(0);
    await clock.advance(1);
    expect(labelOf(await readOne(a))).toBe("ERP");
  });

  test("is served to nobody as last known, even while the ERP is down", async () => {
    const { clock, cache, readOne, down } = setUp();
    await readOne(a);
    await clock.advance(60_000);
    cache.forget(() => true, "everything");
    down();
    expect(labelOf(await readOne(a))).toBe("ErpUnavailable");
  });

  test("never comes back with an answer or a failure that was on its way", async () => {
    const { clock, inner, cache, readOne } = setUp();
    const sentAt = clock.now();
    await clock.advance(100);
    cache.forget(({ id }) => id === "a", { sku: new Set(["a"]) });
    await clock.advance(100);
    inner.tell(a, foundAt("late", sentAt));
    inner.tell(b, foundAt("late, and not meant", sentAt));
    expect(await readOne(a)).toMatchObject({ answer: `a@${clock.now()}` });
    expect(await readOne(b)).toMatchObject({ answer: "late, and not meant" });
    cache.forget(({ id }) => id === "a", { sku: new Set(["a"]) });
    inner.tell(a, failed(new ErpUnavailable("from before")), { sentAt });
    await clock.advance(1);
    expect(labelOf(await readOne(a))).toBe("ERP");
  });
});

describe("what memory alone can answer", () => {
  const fresh = { lane: "storefront", maxAgeMs: null } as const;

  test("is told at once, by the same object each time, where all of it is fresh", async () => {
    const { cache, inner, lookups, read } = setUp();
    await read([a, b]);
    lookups.length = 0;
    const told = cache.allFresh([b, a, b], fresh);
    expect(told?.map((outcome) => outcome.kind === "found" && outcome.answer.split("@")[0])).toEqual(["b", "a", "b"]);
    expect(told?.map(labelOf)).toEqual(["CACHE", "CACHE", "CACHE"]);
    expect(cache.allFresh([b], fresh)?.[0]).toBe(told?.[0]);
    expect((await read([b]))[0]).toBe(told?.[0]);
    expect(inner.asked).toHaveLength(1);
  });

  test("counts nothing until it is served, then those that the ERP does not know apart", async () => {
    const counted: [CacheOutcome, number][] = [];
    const { cache, inner, clock, read } = setUp({ onLookup: (outcome, _lane, keys) => counted.push([outcome, keys]) });
    inner.outcomeOf = ({ id }) => (id === "b" ? unknownAt(clock.now()) : foundAt(id, clock.now()));
    await read([a, b]);
    counted.length = 0;
    cache.allFresh([a, b, a], fresh);
    expect(counted).toEqual([]);
    cache.noteServed(2, 1, "storefront");
    expect(counted).toEqual([
      ["fresh", 2],
      ["unknown", 1],
    ]);
  });

  test.each([
    ["one key is absent", 0, [a, b], fresh],
    ["one is stale", 60_000, [a], fresh],
    ["it is to be live", 0, [a], { ...fresh, maxAgeMs: 0 }],
    ["it is older than the question allows", 2_000, [a], { ...fresh, maxAgeMs: 1_999 }],
    ["it is stale and asked by an order", 60_000, [a], { ...fresh, lane: "checkout" as const }],
  ])("is nothing where %s, and nothing is counted or asked for it", async (_what, waitMs, keys, ask) => {
    const { cache, clock, inner, lookups, readOne } = setUp();
    await readOne(a);
    await clock.advance(waitMs);
    lookups.length = 0;
    expect(cache.allFresh(keys, ask)).toBeNull();
    expect(lookups).toEqual([]);
    expect(inner.asked).toHaveLength(1);
  });

  test("is nothing once it was forgotten, and the new answer by a new object after that", async () => {
    const { cache, clock, readOne } = setUp();
    await readOne(a);
    const before = cache.allFresh([a], fresh)?.[0];
    await clock.advance(1);
    cache.forget(({ id }) => id === "a", { sku: new Set(["a"]) });
    expect(cache.allFresh([a], fresh)).toBeNull();
    await clock.advance(1);
    await readOne(a);
    const after = cache.allFresh([a], fresh)?.[0];
    expect(after).not.toBe(before);
    expect(after).toMatchObject({ answer: `a@${clock.now()}` });
  });
});
