import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { type AskOptions, buyer, GraphQLClient, mintToken } from "../support/graphql-client.js";
import { problem } from "../support/port-answers.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { PortFake } from "../support/port-fake.js";
import { fillBook, skus } from "./book.js";
import { type Scenario, startScenario } from "./scenario.js";

const token = mintToken({ scope: "feed" });

interface Item {
  readonly sku: string;
  readonly removed: boolean;
  readonly price: { readonly net: { readonly amount: string } } | null;
  readonly stock: { readonly status: string; readonly available: string | null } | null;
}

interface Page {
  readonly items: readonly Item[];
  readonly hasNextPage: boolean;
  readonly endCursor: string | null;
  readonly deltaCursor: string | null;
}

const query = `query ($first: Int!, $after: String, $changedSince: String) {
  feed(first: $first, after: $after, changedSince: $changedSince) {
    items { sku removed price { net { amount } audience } stock { status available } }
    hasNextPage endCursor deltaCursor
  }
}`;

type Ask = (query: string, options?: AskOptions) => ReturnType<GraphQLClient["ask"]>;

async function readPage(ask: Ask, variables: Record<string, unknown>): Promise<Page> {
  const answer = await ask(query, { token, variables });
  expect(answer.errors).toEqual([]);
  return answer.at("feed") as Page;
}

/** A whole run. @param between called after each page */
async function run(ask: Ask, first: number, changedSince: string | null = null, between = () => {}) {
  const items: Item[] = [];
  for (let after: string | null = null; ; ) {
    const page: Page = await readPage(ask, { first, after, changedSince });
    items.push(...page.items);
    if (!page.hasNextPage) return { items, deltaCursor: page.deltaCursor as string };
    expect(page.deltaCursor).toBeNull();
    after = page.endCursor;
    between();
  }
}

const namesOf = (items: readonly Item[]) => items.map(({ sku }) => sku);
const all = skus(60).sort();

describe("the feed before an ERP that lists its products and tells changes", () => {
  let erp: PortFake;
  let scenario: Scenario;
  let catalogue: PortCatalogue;
  let ask: Ask;
  beforeAll(async () => {
    // Its own ERP, since it must keep changes before the gateway begins to follow it.
    erp = await PortFake.start();
    fillBook(erp);
    catalogue = new PortCatalogue(erp, all, true);
    scenario = await startScenario({ ERP_URL: erp.url, CHANGES_POLL_SECONDS: "1" });
    ask = (text, options) => scenario.ask(text, options);
  });
  afterAll(async () => {
    await scenario.stop();
    await erp.stop();
  });

  function forget(input: string) {
    return ask(`mutation { invalidate(input: ${input}) { at } }`, { token: mintToken({ scope: "invalidate" }) });
  }

  test("names everything once, at public prices, with quantities", async () => {
    const { items } = await run(ask, 7);
    expect(namesOf(items)).toEqual(all);
    const item = items.find(({ sku }) => sku === "SKU-9");
    expect(item).toMatchObject({ removed: false, price: { net: { amount: "1009.00" }, audience: "PUBLIC" } });
    expect(item?.stock).toEqual({ status: "IN_STOCK", available: "26.5" });
  });

  test("is public whatever `sub` says, and needs the scope", async () => {
    const own = mintToken({ sub: "C3", scope: "feed" });
    const answer = await ask(query, { token: own, variables: { first: 1 } });
    expect(answer.at("feed.items.0.price.net.amount")).toBe("1001.00");
    expect((await ask(query, { variables: { first: 1 } })).codes).toEqual(["FORBIDDEN"]);
    expect((await ask(query, { token: buyer("C1"), variables: { first: 1 } })).codes).toEqual(["FORBIDDEN"]);
  });

  test("products that come and go during the run move no other one", async () => {
    let pages = 0;
    const { items } = await run(ask, 9, null, () => {
      pages += 1;
      if (pages === 2) catalogue.skus = ["SKU-0", ...all.filter((sku) => sku !== "SKU-12")].sort();
    });
    catalogue.skus = all;
    const names = namesOf(items);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((sku) => sku !== "SKU-0" && sku !== "SKU-12")).toEqual(all.filter((sku) => sku !== "SKU-12"));
  });

  test.each([
    ["first", { first: 0 }],
    ["first", { first: 1001 }],
  ])("`%s` of %j is refused by name", async (_name, variables) => {
    const answer = await ask(query, { token, variables });
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(answer.errors[0]?.message).toContain("from 1 to 1000");
  });

  test("a cursor that is none, was cut, or is of another kind is told apart as lost", async () => {
    const { endCursor } = await readPage(ask, { first: 5 });
    const { deltaCursor } = await run(ask, 60);
    const bad = [
      { after: "nonsense" },
      { after: "" },
      { after: endCursor?.slice(0, -1) },
      { after: deltaCursor },
      { changedSince: "nonsense" },
      { changedSince: endCursor },
      { after: endCursor, changedSince: deltaCursor },
    ];
    for (const variables of bad) {
      const { errors } = await ask(query, { token, variables: { first: 5, ...variables } });
      expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: "BAD_USER_INPUT", reason: "CURSOR_LOST" }]);
    }
  });

  test("a delta names what changed since, once, and what was removed; another one from its cursor, nothing", async () => {
    await eventually("the changes are followed", () => erp.calls.some(({ path }) => path.includes("since=")));
    const full = await run(ask, 60);
    expect((await run(ask, 60, full.deltaCursor)).items).toEqual([]);

    const { prices, stock } = erp;
    const priceBefore = prices.get("|SKU-5");
    prices.set("|SKU-5", { unitPrice: "5.55", taxRate: "20", tiers: [] });
    prices.delete("|SKU-7");
    stock.set("SKU-8", { warehouses: { LYON: "1" } });
    catalogue.changes.push({ kind: "price", sku: "SKU-5" }, { kind: "removed", sku: "SKU-7" });
    catalogue.changes.push({ kind: "stock", sku: "SKU-8" }, { kind: "stock", sku: "SKU-8" });
    const delta = await eventually("the changes are told", async () => {
      const read = await run(ask, 2, full.deltaCursor);
      return read.items.length >= 3 ? read : null;
    });
    expect(namesOf(delta.items).sort()).toEqual(["SKU-5", "SKU-7", "SKU-8"]);
    const of = (sku: string) => delta.items.find((item) => item.sku === sku);
    expect(of("SKU-5")).toMatchObject({ removed: false, price: { net: { amount: "5.55" } } });
    expect(of("SKU-7")).toMatchObject({ removed: true, price: null });
    expect(of("SKU-8")).toMatchObject({ removed: false, stock: { status: "LOW_STOCK", available: "1" } });
    expect((await run(ask, 60, delta.deltaCursor)).items).toEqual([]);

    if (priceBefore !== undefined) prices.set("|SKU-5", priceBefore);
    prices.set("|SKU-7", { unitPrice: "1007.00", taxRate: "20", tiers: [] });
    await forget('{ skus: ["SKU-5", "SKU-7"] }');
  });

  test("what `invalidate` names counts as changed; a customer's price does not", async () => {
    const { deltaCursor } = await run(ask, 60);
    await forget('{ customers: ["C1"] }');
    await forget('{ priceScopes: ["GOLD"], skus: ["SKU-4"] }');
    expect((await run(ask, 60, deltaCursor)).items).toEqual([]);
    await forget('{ skus: ["SKU-3", "SKU-2"] }');
    expect(namesOf((await run(ask, 60, deltaCursor)).items)).toEqual(["SKU-3", "SKU-2"]);
    await forget("{ kinds: [STOCK] }");
    expect(namesOf((await run(ask, 60, deltaCursor)).items).sort()).toEqual(all);
  });

  test("a price that could not be had is null with its error at its path, and is in the next delta", async () => {
    erp.answerLines("price", (line) =>
      line["sku"] === "SKU-3" ? { ...line, status: "error", message: "no tax" } : line,
    );
    await forget('{ skus: ["SKU-3"] }');
    const answer = await ask(query, { token, variables: { first: 60 } });
    const index = all.indexOf("SKU-3");
    expect(answer.codes).toEqual(["ERP_BAD_ANSWER"]);
    expect(answer.codeAt(`feed.items.${index}.price`)).toBe("ERP_BAD_ANSWER");
    expect(answer.at(`feed.items.${index}.stock.available`)).toBe("20.5");
    expect((answer.at("feed.items") as Item[]).filter(({ price }) => price === null)).toHaveLength(1);
    erp.answerLines("price", (line) => line);
    const deltaCursor = answer.at("feed.deltaCursor") as string;
    const mended = await eventually("the failure is forgotten", async () => {
      const read = await ask(query, { token, variables: { first: 60, changedSince: deltaCursor } });
      return read.errors.length === 0 ? (read.at("feed") as Page) : null;
    });
    expect(mended.items).toMatchObject([{ sku: "SKU-3", price: { net: { amount: "1003.00" } } }]);
  });

  test("one request asks for one page", async () => {
    const answer = await ask("{ a: feed { hasNextPage } b: feed { hasNextPage } }", { token });
    expect(answer.codes).toEqual(["BAD_USER_INPUT"]);
    expect(answer.errors[0]?.message).toContain("one at a time");
  });

  test("what is malformed in the list is told as it stands, and its neighbours arrive", async () => {
    catalogue.skus = ["", "A\nB", ...all];
    const answer = await ask(query, { token, variables: { first: 10 } });
    expect(answer.at("feed.items.0")).toMatchObject({ sku: "", price: null });
    expect(answer.codeAt("feed.items.1.price")).toBe("ERP_BAD_ANSWER");
    expect(answer.at("feed.items.2.price.net.amount")).toBe("1001.00");
    catalogue.skus = all;
  });

  test("where the list cannot be read, the page is that error, and the same cursor goes on afterwards", async () => {
    const { endCursor } = await readPage(ask, { first: 50 });
    erp.answer("other", () => problem(503));
    expect((await ask(query, { token, variables: { first: 50, after: endCursor } })).codes).toEqual(["ERP_OVERLOADED"]);
    catalogue = new PortCatalogue(erp, all, true);
    const after = await eventually("the ERP is asked again", async () => {
      const answer = await ask(query, { token, variables: { first: 50, after: endCursor } });
      return answer.errors.length === 0 ? (answer.at("feed") as Page) : null;
    });
    expect(namesOf(after.items)).toEqual(all.slice(50));
  });
});

describe("the feed before an ERP that keeps no changes", () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario({ PRICE_FRESH_SECONDS: "0", STOCK_FRESH_SECONDS: "0" });
  });
  afterAll(() => scenario.stop());

  test("an ERP that lists nothing has no feed, and says so", async () => {
    const { errors } = await scenario.ask(query, { token, variables: { first: 5 } });
    expect(errors.map(({ extensions }) => extensions)).toEqual([
      { code: "ERP_BAD_ANSWER", reason: "PRODUCTS_NOT_LISTED" },
    ]);
  });

  test("a delta names what a buyer's page saw change", async () => {
    new PortCatalogue(scenario.erp, all);
    const ask: Ask = (text, options) => scenario.ask(text, options);
    const { deltaCursor } = await run(ask, 60);
    scenario.erp.prices.set("|SKU-5", { unitPrice: "5.55", taxRate: "20", tiers: [] });
    expect((await run(ask, 60, deltaCursor)).items).toEqual([]);
    await ask('{ product(sku: "SKU-5") { price { net { amount } } } }');
    await ask('{ product(sku: "SKU-6") { price { net { amount } } } }');
    expect((await run(ask, 60, deltaCursor)).items).toMatchObject([
      { sku: "SKU-5", price: { net: { amount: "5.55" } } },
    ]);
  });

  test("with prices down, what was last known is told, labelled, and what never was is an error", async () => {
    const { erp } = scenario;
    erp.answer("price", () => problem(503));
    new PortCatalogue(erp, ["SKU-1", "UNASKED"]);
    const labelled = "{ feed { items { sku price { net { amount } freshness { source staleReason } } } } }";
    const answer = await scenario.ask(labelled, { token });
    expect(answer.at("feed.items")).toEqual([
      {
        sku: "SKU-1",
        price: { net: { amount: "1001.00" }, freshness: { source: "LAST_KNOWN", staleReason: "ERP_OVERLOADED" } },
      },
      { sku: "UNASKED", price: null },
    ]);
    expect(answer.codes).toEqual(["ERP_OVERLOADED"]);
    erp.behave();
    new PortCatalogue(erp, all);
    await eventually(
      "prices are told again",
      async () => (await scenario.ask(labelled, { token })).errors.length === 0,
    );
  });

  test("a restart without a store loses delta cursors, and not the place of a full run", async () => {
    const ask: Ask = (text, options) => scenario.ask(text, options);
    const { deltaCursor } = await run(ask, 60);
    const { endCursor } = await readPage(ask, { first: 20 });
    const other = await GatewayProcess.start({
      ...{ NODE_ENV: "production", ERP_CONNECTOR: "port", ERP_URL: scenario.erp.url },
      AUTH_SECRETS: "shop-1:a-secret-of-the-scenario-shop-0123456789",
    });
    const client = new GraphQLClient(other.url);
    const lost = await client.ask(query, { token, variables: { first: 5, changedSince: deltaCursor } });
    expect(lost.errors[0]?.extensions).toEqual({ code: "BAD_USER_INPUT", reason: "CURSOR_LOST" });
    const page = await readPage((text, options) => client.ask(text, options), { first: 60, after: endCursor });
    expect(namesOf(page.items)).toEqual(all.slice(20));
    expect(await other.stop()).toBe(0);
  });
});

test("an ERP that slows gets smaller pages, in time and without errors, and the run still names everything once", async () => {
  const scenario = await startScenario({ DEADLINE_FEED_MS: "2000", ERP_TIMEOUT_MS: "1500", ERP_ABANDON_MS: "0" });
  new PortCatalogue(scenario.erp, all);
  // 60 ms a line: a page of sixty would take almost four seconds.
  scenario.erp.answer("price", async ({ lines }, regular) => {
    await new Promise((resolve) => setTimeout(resolve, 60 * lines.length));
    return regular;
  });
  const items: Item[] = [];
  for (let after: string | null = null, pages = 0; ; pages++) {
    const askedAt = Date.now();
    const answer = await scenario.ask(query, { token, variables: { first: 60, after } });
    expect(Date.now() - askedAt).toBeLessThan(2_500);
    const page = answer.at("feed") as Page;
    items.push(...page.items);
    if (!page.hasNextPage) break;
    expect(page.items.length).toBeLessThan(60);
    expect(pages).toBeLessThan(60);
    after = page.endCursor;
  }
  expect(namesOf(items)).toEqual(all);
  // The first pages learn how slow it is.
  expect(items.filter(({ price }) => price === null).length).toBeLessThanOrEqual(3);
  await scenario.stop();
});

test("the demonstration ERP's catalogue is named in full, each SKU once, and its deltas go on from there", async () => {
  const gateway = await GatewayProcess.start({ AUTH_SECRETS: "shop-1:a-secret-of-the-scenario-shop-0123456789" });
  const client = new GraphQLClient(gateway.url);
  const ask: Ask = (text, options) => client.ask(text, options);
  const { items, deltaCursor } = await run(ask, 1000);
  expect(items.length).toBeGreaterThan(100);
  expect(new Set(namesOf(items)).size).toBe(items.length);
  expect(items.every(({ price, stock }) => price !== null && stock?.available != null)).toBe(true);
  expect((await run(ask, 1000, deltaCursor)).items.length).toBeLessThan(items.length);
  expect(await gateway.stop()).toBe(0);
});
