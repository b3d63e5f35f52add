import { describe, expect, test } from "vitest";
import { Progress } from "../../../src/cli/feed/progress.js";
import { hasUntold, type Summary, tellSummary } from "../../../src/cli/feed/summary.js";
import { Tally } from "../../../src/cli/feed/tally.js";
import { tellDuration } from "../../../src/cli/feed/tell-duration.js";
import type { FeedRecord } from "../../../src/feed/formats/feed-record.js";
import { priceOf, recordOf, stockOf } from "../../feed/formats/record-samples.js";
import { VirtualClock } from "../../support/virtual-clock.js";

function summaryOf(records: readonly FeedRecord[], leave: (tally: Tally) => void = () => {}): Summary {
  const tally = new Tally();
  for (const record of records) tally.note(record);
  leave(tally);
  const times = { startedAt: "2026-11-24T09:30:00.000Z", finishedAt: "2026-11-24T09:31:05.000Z", seconds: 65 };
  return { kind: "full", gateway: "http://g/", format: "ndjson", files: ["/feeds/a"], ...times, counts: tally.counts };
}

const { freshness } = priceOf();
const lastKnown = { ...freshness, source: "LAST_KNOWN", staleReason: "ERP_TIMEOUT" } as const;
const failing = (sku: string, field: "price" | "stock", code: "ERP_TIMEOUT" | "ERP_BAD_ANSWER") =>
  recordOf({ sku, [field]: null, errors: [{ field, code, message: "…" }] });

const mixed = [
  recordOf({ sku: "A" }),
  recordOf({ sku: "B", price: priceOf({ freshness: { ...freshness, source: "CACHE" } }) }),
  recordOf({ sku: "C", price: priceOf({ freshness: lastKnown }), stock: stockOf({ freshness: lastKnown }) }),
  recordOf({ sku: "D", price: null, stock: null }),
  recordOf({ sku: "E", price: null, stock: null, removed: true }),
  ...["F", "G", "H", "I", "J", "K"].map((sku) => failing(sku, "price", "ERP_TIMEOUT")),
  failing('L\u001b"', "price", "ERP_BAD_ANSWER"),
  failing("M", "stock", "ERP_TIMEOUT"),
];

describe("the summary", () => {
  test("counts each item once, and names what could not be told by its code, all of it in the JSON", () => {
    const { counts } = summaryOf(mixed);
    expect(counts).toEqual({
      items: 13,
      priced: 4,
      notForSale: 1,
      removed: 1,
      lastKnown: 1,
      answers: 14,
      answersFromErp: 11,
      unpriced: { ERP_TIMEOUT: ["F", "G", "H", "I", "J", "K"], ERP_BAD_ANSWER: ['L\u001b"'] },
      withoutStock: { ERP_TIMEOUT: ["M"] },
      leftOut: {},
    });
    expect(counts.priced + counts.notForSale + counts.removed + 7).toBe(counts.items);
  });

  test("tells a person the first of each, with nothing in it that a terminal would obey", () => {
    const told = tellSummary(summaryOf(mixed, (tally) => tally.noteLeftOut("A", "untaxed")));
    expect(told.split("\n")).toEqual([
      "Everything: 13 items in 1 min 5 s (4 with a price, 1 not for sale, 1 removed, 1 by last known answers, 79 % asked of the ERP now)",
      "  written to /feeds/a",
      '  6 without a price, ERP_TIMEOUT: "F", "G", "H", "I", "J", …',
      '  1 without a price, ERP_BAD_ANSWER: "L\\u001b\\""',
      '  1 without a stock, ERP_TIMEOUT: "M"',
      '  1 left out, wholly or in part, the ERP tells no tax rate, and the price is told with tax: "A"',
      "",
    ]);
  });

  test.each<[boolean, string, readonly FeedRecord[], (tally: Tally) => void]>([
    [false, "all was told", [recordOf()], () => {}],
    [false, "something is not for sale", [recordOf({ price: null })], () => {}],
    [true, "a price was not", [failing("A", "price", "ERP_TIMEOUT")], () => {}],
    [true, "a stock was not", [failing("A", "stock", "ERP_TIMEOUT")], () => {}],
    [true, "the format had no place for one", [recordOf()], (tally) => tally.noteLeftOut("A", "untaxed")],
  ])("says %s to whether something is untold, where %s", (isUntold, _what, records, leave) => {
    expect(hasUntold(summaryOf(records, leave).counts)).toBe(isUntold);
  });

  test.each([
    [400, "0 s"],
    [59_400, "59 s"],
    [60_000, "1 min 0 s"],
    [3_599_000, "59 min 59 s"],
    [3_600_000, "1 h 0 min"],
    [93_600_000, "26 h 0 min"],
  ])("writes %i ms as %s", (ms, text) => expect(tellDuration(ms)).toBe(text));
});

describe("progress", () => {
  const page = (count: number, source: "ERP" | "CACHE" = "ERP") => ({
    records: Array.from({ length: count }, () =>
      recordOf({ price: priceOf({ freshness: { ...freshness, source } }), stock: stockOf() }),
    ),
    bytes: Buffer.alloc(0),
    cursor: { kind: "cursor", endCursor: "c", hasNextPage: true, deltaCursor: null } as const,
  });

  function start(parts: {
    isTerminal: boolean;
    columns?: number;
    isQuiet?: boolean;
    before?: number;
    expected?: number | null;
  }) {
    const clock = new VirtualClock();
    const written: string[] = [];
    const write = (text: string) => void written.push(text);
    const progress = new Progress({
      write,
      isTerminal: parts.isTerminal,
      columns: () => parts.columns ?? 120,
      isQuiet: parts.isQuiet ?? false,
      clock,
    });
    progress.begin(parts.before ?? 0, parts.expected ?? null);
    return { clock, written, progress };
  }

  test("is a line every ten seconds where nobody watches", async () => {
    const { clock, written, progress } = start({ isTerminal: false });
    for (let second = 1; second <= 21; second += 1) {
      await clock.advance(1_000);
      progress.onPage(page(100, second <= 10 ? "CACHE" : "ERP"));
    }
    expect(written).toEqual(["1000 items  100/s  ERP 50 %  10 s\n", "2000 items  100/s  ERP 75 %  20 s\n"]);
  });

  test("is a bar with what is left on a terminal, where an earlier run tells how much there is", async () => {
    const { clock, written, progress } = start({ isTerminal: true, before: 500, expected: 2_000 });
    await clock.advance(10_000);
    progress.onPage(page(500));
    progress.onPage(page(1));
    expect(written).toEqual([
      "\r\u001b[K[########........]  1000 items of about 2000  50/s  ERP 100 %  about 20 s left",
    ]);
    progress.note("hello");
    expect(written.slice(1)).toEqual(["\r\u001b[K", "hello\n"]);
  });

  test("tells no time that is left while nothing came", async () => {
    const { clock, written, progress } = start({ isTerminal: true, before: 5, expected: 10 });
    await clock.advance(10_000);
    progress.onPage(page(0));
    expect(written.join("")).toContain("5 items  0/s  ERP 0 %  10 s");
  });

  test("is no wider than the terminal, less its last column", async () => {
    const { clock, written, progress } = start({ isTerminal: true, columns: 20 });
    await clock.advance(10_000);
    progress.onPage(page(500));
    expect(written).toEqual(["\r\u001b[K500 items  50/s  ER"]);
  });

  test("tells the time that went by where there are more than there were", async () => {
    const { clock, written, progress } = start({ isTerminal: true, expected: 100 });
    await clock.advance(61_000);
    progress.onPage(page(610));
    expect(written.join("")).toContain("610 items  10/s  ERP 100 %  1 min 1 s");
  });

  test("is nothing where it is to be quiet", async () => {
    const { clock, written, progress } = start({ isTerminal: true, isQuiet: true });
    await clock.advance(61_000);
    progress.onPage(page(610));
    progress.note("hello");
    progress.clear();
    expect(written).toEqual([]);
  });
});
