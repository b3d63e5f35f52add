import { getVariableValues, Kind, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { toFeedRecord } from "../../schema/feed-record.js";
import { refuseOperation } from "../../schema/operation-limits.js";
import { ErpTimeout } from "../../src/errors.js";
import type { FeedItem, FeedPage } from "../../src/feed/feed-page.js";
import type { Caller } from "../../src/pricing/caller.js";
import { failed } from "../../src/pricing/source.js";
import { customerCaller, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { ask, now, type RequestOptions, schema } from "./request.js";

const machine: Caller = { kind: "machine", customer: null, lane: "feed", scopes: new Set(["feed"]), budgetId: null };

const price = (sku: string) => foundAt(ladderOf({ sku, priceList: "SUMMER" }), now);
const stock = (sku: string) => foundAt(stockOf({ sku, warehouses: [{ code: "LYON", available: "3" }] }), now);
const item = (sku: string, parts: Partial<FeedItem> = {}): FeedItem => ({
  ...{ sku, price: price(sku), stock: stock(sku), isRemoved: false },
  ...parts,
});

function pageOf(...items: FeedItem[]): FeedPage {
  return { items, hasNextPage: true, endCursor: "p1.x", deltaCursor: null };
}

type Question = Parameters<NonNullable<RequestOptions["readFeedPage"]>>[0];

async function askFeed(document: string, page: FeedPage, options: RequestOptions = {}) {
  const questions: Question[] = [];
  const readFeedPage = async (question: Question) => {
    questions.push(question);
    return page;
  };
  return { ...(await ask(document, { caller: machine, readFeedPage, ...options })), questions };
}

const full =
  "{ feed { items { sku removed price { net { amount } priceList audience } stock { status available } } } }";

describe("the feed's schema", () => {
  test("tells public prices and quantities, and the price list to nobody without `ops`", async () => {
    const { data, errors } = await askFeed(full, pageOf(item("A")));
    expect(errors).toBeUndefined();
    expect(data?.["feed"]).toEqual({
      items: [
        {
          ...{ sku: "A", removed: false },
          price: { net: { amount: "10.00" }, priceList: null, audience: "PUBLIC" },
          stock: { status: "LOW_STOCK", available: "3" },
        },
      ],
    });
    const operator = { ...machine, scopes: new Set(["feed", "ops"]) };
    const told = await askFeed(full, pageOf(item("A")), { caller: operator });
    expect(told.data).toMatchObject({ feed: { items: [{ price: { priceList: "SUMMER" } }] } });
  });

  test("what could not be had is null with its error at its path; what is not for sale is null without one", async () => {
    const lost = item("B", { price: failed(new ErpTimeout("x")) });
    const unsold = item("C", { price: unknownAt(now), stock: unknownAt(now), isRemoved: true });
    const { data, errors } = await askFeed(full, pageOf(item("A"), lost, unsold));
    expect(data).toMatchObject({
      feed: {
        items: [
          { sku: "A" },
          { sku: "B", price: null, removed: false },
          { sku: "C", price: null, stock: null, removed: true },
        ],
      },
    });
    expect(errors?.map(({ path, originalError }) => [path, originalError])).toEqual([
      [["feed", "items", 1, "price"], expect.objectContaining({ code: "ERP_TIMEOUT" })],
    ]);
  });

  test.each([
    ["{ feed { items { sku } } }", { price: false, stock: false }],
    ["{ feed { items { price { unit } } } }", { price: true, stock: false }],
    [
      "{ feed { ...on FeedPage { items { ...f } } } } fragment f on FeedItem { s: stock { status } }",
      { price: false, stock: true },
    ],
    ["{ feed { items { price @skip(if: true) { unit } } items { stock { status } } } }", { price: false, stock: true }],
  ])("%s reads what it shows, and nothing else", async (document, wants) => {
    const { questions } = await askFeed(document, pageOf());
    expect(questions).toEqual([{ first: 500, after: null, changedSince: null, wants }]);
  });

  test("arguments go through as they are", async () => {
    const { questions } = await askFeed('{ feed(first: 7, after: "a", changedSince: "b") { hasNextPage } }', pageOf());
    expect(questions).toMatchObject([{ first: 7, after: "a", changedSince: "b" }]);
  });

  test.each([
    ["{ feed { hasNextPage } }", customerCaller("C1"), "FORBIDDEN"],
    ["{ feed(first: 0) { hasNextPage } }", machine, "BAD_USER_INPUT"],
    ["{ feed(first: 1001) { hasNextPage } }", machine, "BAD_USER_INPUT"],
  ])("%s is refused, and nothing is read", async (document, caller, code) => {
    const { errors, questions } = await askFeed(document, pageOf(), { caller });
    expect(errors?.map(({ originalError }) => originalError)).toEqual([expect.objectContaining({ code })]);
    expect(questions).toEqual([]);
  });

  test("the lowest prices of 30 days are told of the public price, and of no customer's own", async () => {
    const lowestNetsOf = () => ({ lowest: "8.50", prior: "9.00" });
    const fields = "lowestNet30Days { amount currency } priorLowestNet30Days { amount }";
    const told = { lowestNet30Days: { amount: "8.50", currency: "EUR" }, priorLowestNet30Days: { amount: "9.00" } };
    const feed = await askFeed(`{ feed { items { price { ${fields} } } } }`, pageOf(item("A")), { lowestNetsOf });
    expect(feed.data).toEqual({ feed: { items: [{ price: told }] } });
    const page = `{ product(sku: "A") { price { ${fields} } publicPrice { ${fields} } } }`;
    expect((await ask(page, { lowestNetsOf })).data).toEqual({ product: { price: told, publicPrice: told } });
    const own = { lowestNet30Days: null, priorLowestNet30Days: null };
    const { data } = await ask(page, { lowestNetsOf, caller: customerCaller("C1") });
    expect(data).toEqual({ product: { price: own, publicPrice: told } });
  });
});

describe("a record of a stream", () => {
  const money = "{ amount currency }";
  const freshness = "freshness { source computedAt ageSeconds freshUntil staleReason }";
  const everything = `{ feed { items { sku price { audience quantity unit priceUnit net ${money} gross ${money} taxRate taxBasis
    tiers { minimumQuantity net ${money} gross ${money} } minimumQuantity quantityIncrement priceList validUntil
    lowestNet30Days ${money} priorLowestNet30Days ${money} ${freshness} }
    stock { status available warehouses { code status available } restockDate leadTimeDays ${freshness} } removed } } }`;
  const lowestNetsOf = () => ({ lowest: "8.50", prior: null });
  const terms = { showsPriceList: true, stockLowAt: "5", lowestNetsOf, now };
  const masked = () => ({ code: "INTERNAL_SERVER_ERROR", message: "masked" }) as const;
  const tiers = [
    { from: "1", unitPrice: "10.00" },
    { from: "10", unitPrice: "9.999999" },
  ];
  const ladder = ladderOf({ tiers, priceList: "SUMMER", unit: "m", validUntil: now + 60_000 });
  const old = { source: "LAST_KNOWN", computedAt: now - 1_234, freshUntil: now, staleReason: "ERP_TIMEOUT" } as const;
  const items = [
    item("A"),
    item("B", { price: { kind: "found", answer: ladder, freshness: old } }),
    item("C", { price: foundAt(ladderOf({ taxRate: null }), now), stock: unknownAt(now) }),
    item("D", { price: unknownAt(now), isRemoved: true }),
  ];

  test("is, byte for byte, what the query `feed` tells of the item with all its fields", async () => {
    const caller = { ...machine, scopes: new Set(["feed", "ops"]) };
    const { data, errors } = await askFeed(everything, pageOf(...items), { caller, lowestNetsOf });
    expect(errors).toBeUndefined();
    const asked = (data as { feed: { items: unknown[] } }).feed.items.map((told) => JSON.stringify(told));
    expect(items.map((read) => JSON.stringify(toFeedRecord(read, terms, masked)))).toEqual(asked);
    expect(asked[1]).toContain('"ageSeconds":1.234');
  });

  test("names what could not be read, the price before the stock", () => {
    const lost = item("E", { price: failed(new ErpTimeout("x")), stock: failed(new ErpTimeout("y")) });
    const toError = ({ message }: Error) => ({ code: "ERP_TIMEOUT", message }) as const;
    expect(toFeedRecord(lost, terms, toError)).toEqual({
      ...{ sku: "E", price: null, stock: null, removed: false },
      errors: [
        { field: "price", code: "ERP_TIMEOUT", message: "x" },
        { field: "stock", code: "ERP_TIMEOUT", message: "y" },
      ],
    });
  });
});

describe("the size of a request with a feed", () => {
  function refusal(text: string, maxKeys = 1_000) {
    const document = parse(text);
    expect(validate(schema, document)).toEqual([]);
    const [definition] = document.definitions;
    if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new Error("the operation stands first");
    const { coerced = {} } = getVariableValues(schema, definition.variableDefinitions ?? [], {});
    const fragments: Record<string, never> = {};
    return refuseOperation({ schema, definition, fragments, variableValues: coerced, caller: machine }, maxKeys);
  }

  test("a page of a thousand with everything in it passes, whatever MAX_KEYS_PER_REQUEST is", () => {
    const price = `net { amount currency } gross { amount } taxRate taxBasis unit priceUnit minimumQuantity quantityIncrement validUntil
      tiers { minimumQuantity net { amount } gross { amount } } freshness { source computedAt ageSeconds freshUntil staleReason }`;
    const all = `{ feed(first: 1000) { items { sku removed price { ${price} } stock { status available restockDate } } endCursor } }`;
    expect(refusal(all)).toBeNull();
    expect(refusal(all, 1)).toBeNull();
  });

  test("two pages in one request, or a page of doubles, are refused", () => {
    expect(refusal("{ a: feed { endCursor } b: feed { endCursor } }")?.message).toContain("2 pages");
    const doubles = Array.from({ length: 250 }, (_, index) => `s${index}: sku`).join(" ");
    expect(refusal(`{ feed { items { ${doubles} } } }`)?.message).toContain("fields an item");
  });
});
