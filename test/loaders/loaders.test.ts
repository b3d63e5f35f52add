import { describe, expect, test } from "vitest";
import { createLoaders, type Loaders } from "../../loaders/loaders.js";
import type { PriceQuestion } from "../../loaders/price-loader.js";
import { ErpTimeout } from "../../src/errors.js";
import { anonymous, type Caller } from "../../src/pricing/caller.js";
import type { Customer } from "../../src/pricing/customer.js";
import { askedCustomer, type CustomerKey, type PriceKey, type StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { type Ask, failed, type Outcome } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { RecordingSource } from "../support/fake-source.js";
import { askAt, customerCaller, customerOf, foundAt, ladderOf, stockOf, unknownAt } from "../support/samples.js";
import { settle } from "../support/virtual-clock.js";

/** Who a price key is for: "public", "C1's own", or "GOLD by C1". */
function scopeNameOf({ scope }: PriceKey): string {
  if (scope.kind === "public") return "public";
  return scope.kind === "customer" ? `${scope.customer}'s own` : `${scope.priceScope} by ${scope.customer}`;
}

function setUp() {
  const records = new Map<string, Outcome<Customer>>([["C1", foundAt(customerOf(), 0)]]);
  const sources = {
    prices: new RecordingSource<PriceKey, Ladder>((key) =>
      foundAt(ladderOf({ sku: key.sku, priceList: scopeNameOf(key) }), 0),
    ),
    stock: new RecordingSource<StockKey, Stock>(({ sku }) => foundAt(stockOf({ sku }), 0)),
    customers: new RecordingSource<CustomerKey, Customer>(
      ({ customer }) => records.get(customer) ?? unknownAt(0, "customer"),
    ),
  };
  const createAsk = (maxAgeMs: number | null): Ask => askAt(0, { maxAgeMs });
  const loadersFor = (caller: Caller) => createLoaders(sources, caller, createAsk);
  return { records, sources, loadersFor };
}

function question(parts: Partial<PriceQuestion> = {}): PriceQuestion {
  return { audience: "CALLER", sku: "A", quantity: "1", currency: null, maxAgeMs: null, ...parts };
}

function loadAll(loaders: Loaders, ...questions: PriceQuestion[]): Promise<Outcome<Ladder>[]> {
  return Promise.all(questions.map((each) => loaders.prices.load(each)));
}

/** Whose price it is, or what came instead of one. */
function wordOf(outcome: Outcome<Ladder> | undefined): string | null | undefined {
  if (outcome?.kind === "found") return outcome.answer.priceList;
  return outcome?.kind === "failed" ? outcome.error.constructor.name : outcome?.kind;
}

describe("the loaders of one request", () => {
  test("all prices asked in one turn are one read, doubles asked once and answered twice, in order", async () => {
    const { sources, loadersFor } = setUp();
    const questions = ["B", "A", "B", "C"].map((sku) => question({ sku }));
    const outcomes = await loadAll(loadersFor(anonymous), ...questions);
    expect(sources.prices.asked.map(({ keys }) => keys.map(({ sku }) => sku))).toEqual([["B", "A", "C"]]);
    expect(outcomes.map((outcome) => outcome.kind === "found" && outcome.answer.sku)).toEqual(["B", "A", "B", "C"]);
  });

  test("a quantity written in two ways is one question", async () => {
    const { sources, loadersFor } = setUp();
    await loadAll(loadersFor(anonymous), question({ quantity: "1" }), question({ quantity: "1.00" }));
    expect(sources.prices.asked.flatMap(({ keys }) => keys.map(({ quantity }) => quantity))).toEqual(["1"]);
  });

  test("to a caller without a customer its own price is the public one: one read, one key", async () => {
    const { sources, loadersFor } = setUp();
    const questions = [question(), question({ audience: "PUBLIC" })];
    const outcomes = await loadAll(loadersFor(anonymous), ...questions);
    expect(outcomes.map(wordOf)).toEqual(["public", "public"]);
    expect(sources.prices.askedIds.map(({ length }) => length)).toEqual([1]);
    expect(sources.customers.asked).toHaveLength(0);
  });

  test("a question asked later in the request is answered from what was asked before", async () => {
    const { sources, loadersFor } = setUp();
    const loaders = loadersFor(anonymous);
    await loadAll(loaders, question());
    await loadAll(loaders, question());
    await loaders.stock.load({ sku: "A", maxAgeMs: null });
    await loaders.stock.load({ sku: "A", maxAgeMs: null });
    expect([sources.prices.asked.length, sources.stock.asked.length]).toEqual([1, 1]);
  });

  test("nothing that one request loaded is handed to another, not even of the same caller", async () => {
    const { sources, loadersFor } = setUp();
    const caller = customerCaller("C1");
    for (let request = 0; request < 2; request++) {
      const loaders = loadersFor(caller);
      await loadAll(loaders, question());
      await loaders.stock.load({ sku: "A", maxAgeMs: null });
    }
    const counts = [sources.prices, sources.stock, sources.customers].map(({ asked }) => asked.length);
    expect(counts).toEqual([2, 2, 2]);
  });

  test("questions of different maximum ages are asked apart, each with its own", async () => {
    const { sources, loadersFor } = setUp();
    const loaders = loadersFor(anonymous);
    await loadAll(loaders, question({ maxAgeMs: 0 }), question({ sku: "B" }), question({ sku: "C", maxAgeMs: 0 }));
    await Promise.all([0, null].map((maxAgeMs) => loaders.stock.load({ sku: "A", maxAgeMs })));
    const prices = sources.prices.asked.map(({ keys, ask }) => [keys.map(({ sku }) => sku), ask.maxAgeMs]);
    expect(prices).toEqual([
      [["A", "C"], 0],
      [["B"], null],
    ]);
    expect(sources.stock.asked.map(({ ask }) => ask.maxAgeMs)).toEqual([0, null]);
  });

  test("neither quantity, currency, audience nor SKU is lost between a question and its answer", async () => {
    const { sources, loadersFor } = setUp();
    sources.prices.outcomeOf = (key) =>
      foundAt(
        ladderOf({ priceList: `${scopeNameOf(key)} ${key.sku} ${key.quantity} ${key.currency} ${key.exactQuantity}` }),
        0,
      );
    const outcomes = await loadAll(
      loadersFor(customerCaller("C1")),
      question(),
      question({ quantity: "2" }),
      question({ currency: "CHF" }),
      question({ sku: "B" }),
      question({ audience: "PUBLIC" }),
    );
    expect(outcomes.map(wordOf)).toEqual([
      "C1's own A 1 null true",
      "C1's own A 2 null true",
      "C1's own A 1 CHF true",
      "C1's own B 1 null true",
      "public A 1 null true",
    ]);
  });
});

describe("whose price is loaded", () => {
  test("the customer's record is read once a request, before any of its prices", async () => {
    const { sources, loadersFor } = setUp();
    const loaders = loadersFor(customerCaller("C1"));
    await Promise.all([loadAll(loaders, question(), question({ sku: "B", maxAgeMs: 0 })), loaders.readCustomer()]);
    expect(sources.customers.asked.map(({ keys }) => keys.map(({ customer }) => customer))).toEqual([["C1"]]);
    expect(sources.customers.asked[0]?.ask.maxAgeMs).toBeNull(); // a live price needs no live record
  });

  test("a shared price scope is asked in the customer's name, and keyed with the customer's currency", async () => {
    const { records, sources, loadersFor } = setUp();
    records.set("C1", foundAt(customerOf({ priceScope: "GOLD", currency: "CHF" }), 0));
    records.set("C2", foundAt(customerOf({ code: "C2", priceScope: "GOLD", currency: "EUR" }), 0));
    records.set("C3", foundAt(customerOf({ code: "C3", priceScope: "GOLD", currency: "CHF" }), 0));
    for (const code of ["C1", "C2", "C3"]) await loadAll(loadersFor(customerCaller(code)), question());
    const keys = sources.prices.asked.flatMap((read) => read.keys);
    expect(keys.map((key) => [scopeNameOf(key), key.currency])).toEqual([
      ["GOLD by C1", "CHF"],
      ["GOLD by C2", "EUR"],
      ["GOLD by C3", "CHF"],
    ]);
    expect(keys[0]?.id).toBe(keys[2]?.id);
    expect(keys[0]?.id).not.toBe(keys[1]?.id);
  });

  test("a currency asked for goes before the customer's own; the public price has none of its own", async () => {
    const { records, sources, loadersFor } = setUp();
    records.set("C1", foundAt(customerOf({ currency: "CHF" }), 0));
    await loadAll(
      loadersFor(customerCaller("C1")),
      question({ currency: "USD" }),
      question(),
      question({ audience: "PUBLIC" }),
    );
    const asked = sources.prices.asked.flatMap(({ keys }) => keys.map((key) => [scopeNameOf(key), key.currency]));
    expect(new Set(asked.map(String))).toEqual(new Set(["C1's own,USD", "C1's own,CHF", "public,"]));
  });

  test("public prices never wait for the customer's record", async () => {
    const { sources, loadersFor } = setUp();
    sources.customers.outcomeOf = () => new Promise(() => {});
    const loaders = loadersFor(customerCaller("C1"));
    void loaders.prices.load(question());
    await settle();
    const outcome = await loaders.prices.load(question({ audience: "PUBLIC" }));
    expect(wordOf(outcome)).toBe("public");
  });

  test("public and own prices of one turn are asked side by side, though both are waited for together", async () => {
    const { sources, loadersFor } = setUp();
    sources.customers.outcomeOf = () => new Promise(() => {});
    void loadAll(loadersFor(customerCaller("C1")), question(), question({ audience: "PUBLIC" }));
    await settle();
    expect(sources.prices.asked.flatMap(({ keys }) => keys.map(scopeNameOf))).toEqual(["public"]);
  });

  test("where the record cannot be read private prices carry that error, and the ERP is not asked for public ones instead", async () => {
    const { records, sources, loadersFor } = setUp();
    const error = new ErpTimeout("silent");
    records.set("C1", failed(error));
    const outcomes = await loadAll(loadersFor(customerCaller("C1")), question(), question({ sku: "B" }));
    expect(outcomes).toEqual([failed(error), failed(error)]);
    expect(sources.prices.asked).toHaveLength(0);
  });

  test("a customer that the ERP does not know has no price of any kind, but may see public ones", async () => {
    const { sources, loadersFor } = setUp();
    const loaders = loadersFor(customerCaller("C9"));
    const outcomes = await loadAll(loaders, question(), question({ audience: "PUBLIC" }));
    expect(outcomes.map(wordOf)).toEqual(["CustomerUnknown", "public"]);
    expect(sources.prices.asked.flatMap(({ keys }) => keys.map(scopeNameOf))).toEqual(["public"]);
  });

  test("a last known record still says whose prices to show", async () => {
    const { records, loadersFor } = setUp();
    const { freshness } = foundAt(null, 0);
    records.set("C1", {
      kind: "found",
      answer: customerOf({ priceScope: "GOLD" }),
      freshness: { ...freshness, source: "LAST_KNOWN", staleReason: "ERP_TIMEOUT" },
    });
    expect((await loadAll(loadersFor(customerCaller("C1")), question())).map(wordOf)).toEqual(["GOLD by C1"]);
  });
});

describe("in a shared price scope, where the one in whose name the ERP was asked is gone", () => {
  function setUpGone() {
    const under = setUp();
    under.records.set("C1", foundAt(customerOf({ priceScope: "GOLD" }), 0));
    // "A" is kept by the cache from a read in the name of one who is gone since.
    under.sources.prices.outcomeOf = (key) =>
      key.scope.kind === "price-scope" && key.sku === "A"
        ? unknownAt(0, "customer")
        : foundAt(ladderOf({ sku: key.sku, priceList: scopeNameOf(key) }), 0);
    return under;
  }

  test("the price is asked again in the caller's own name, and its neighbours' prices stand", async () => {
    const { sources, loadersFor } = setUpGone();
    const outcomes = await loadAll(
      loadersFor(customerCaller("C1")),
      question({ sku: "B" }),
      question(),
      question({ sku: "C" }),
    );
    expect(outcomes.map(wordOf)).toEqual(["GOLD by C1", "C1's own", "GOLD by C1"]);
    expect(sources.prices.asked.map(({ keys }) => keys.map(({ sku }) => sku))).toEqual([["B", "A", "C"], ["A"]]);
    expect(sources.prices.asked[1]?.keys.map(({ scope }) => askedCustomer(scope))).toEqual(["C1"]);
  });

  test("if the caller is gone too, that is the answer", async () => {
    const { sources, loadersFor } = setUpGone();
    sources.prices.outcomeOf = () => unknownAt(0, "customer");
    expect((await loadAll(loadersFor(customerCaller("C1")), question())).map(wordOf)).toEqual(["CustomerUnknown"]);
  });

  test("an own scope is not asked twice", async () => {
    const { sources, loadersFor } = setUp();
    sources.prices.outcomeOf = () => unknownAt(0, "customer");
    expect((await loadAll(loadersFor(customerCaller("C1")), question())).map(wordOf)).toEqual(["CustomerUnknown"]);
    expect(sources.prices.asked).toHaveLength(1);
  });
});

describe("the caller's own record", () => {
  test("is null for callers without a customer, and nothing is asked", async () => {
    const { sources, loadersFor } = setUp();
    expect(await loadersFor(anonymous).readCustomer()).toBeNull();
    expect(sources.customers.asked).toHaveLength(0);
  });

  test("is the outcome as it came, read once however often it is asked for", async () => {
    const { sources, loadersFor } = setUp();
    const { readCustomer } = loadersFor(customerCaller("C1"));
    const [first, second] = await Promise.all([readCustomer(), readCustomer()]);
    expect(first).toMatchObject({ kind: "found", answer: { code: "C1" } });
    expect(second).toBe(first);
    expect(sources.customers.asked).toHaveLength(1);
  });
});
