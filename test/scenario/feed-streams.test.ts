import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { mintToken } from "../support/graphql-client.js";
import { hang, problem } from "../support/port-answers.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { createRandom } from "./random.js";
import { type Scenario, startScenario } from "./scenario.js";
import { openStream, readStream, type StreamLines, toLines } from "./stream-client.js";

const token = mintToken({ scope: "feed" });

/** More than three pages of a stream. */
const all = Array.from({ length: 1_750 }, (_, index) => `S-${String(index).padStart(5, "0")}`);

function fillShop({ erp }: Scenario): PortCatalogue {
  for (const [index, sku] of all.entries()) {
    erp.prices.set(`|${sku}`, { unitPrice: `${index + 1}.55`, taxRate: "20", tiers: [] });
    erp.stock.set(sku, { warehouses: { LYON: String(index % 30), PARIS: "0.5" } });
  }
  const [plain, untaxed, tiered, late, unsold, uncounted] = all as [string, string, string, string, string, string];
  erp.prices.set(`|${untaxed}`, { unitPrice: "3.99" });
  const tiers = [
    { from: "1", unitPrice: "12.000001" },
    { from: "100", unitPrice: "0.1" },
  ];
  erp.prices.set(`|${tiered}`, { unitPrice: "12.000001", taxBasis: "gross", taxRate: "5.5", unit: "m", tiers });
  erp.prices.set(`|${late}`, { unitPrice: "7", priceUnit: "100", validUntil: "2031-01-01T00:00:00Z", priceList: "X" });
  erp.prices.delete(`|${unsold}`);
  erp.stock.set(plain, { warehouses: { LYON: "0" }, backorder: true, restockDate: "2027-01-05", leadTimeDays: 9 });
  erp.stock.delete(uncounted);
  return new PortCatalogue(erp, all);
}

const skusOf = ({ items }: StreamLines) => items.map(({ sku }) => sku);

/** As a client does that resumes: from the last cursor, or from the beginning. */
function addressOf({ gateway }: Scenario, after: string | null): string {
  return `${gateway.url}/feeds/ndjson${after === null ? "" : `?after=${encodeURIComponent(after)}`}`;
}

const tier = "minimumQuantity net { amount currency } gross { amount currency }";
const freshness = "freshness { source computedAt ageSeconds freshUntil staleReason }";
const everything = `query ($after: String) { feed(first: 1000, after: $after) { hasNextPage endCursor items { sku
  price { audience quantity unit priceUnit net { amount currency } gross { amount currency } taxRate taxBasis tiers { ${tier} }
    minimumQuantity quantityIncrement priceList validUntil lowestNet30Days { amount currency } priorLowestNet30Days { amount currency } ${freshness} }
  stock { status available warehouses { code status available } restockDate leadTimeDays ${freshness} }
  removed } } }`;

async function askEverything({ ask }: Scenario): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let after: unknown = null; ; ) {
    const answer = await ask(everything, { token, variables: { after } });
    expect(answer.errors).toEqual([]);
    items.push(...(answer.at("feed.items") as unknown[]));
    if (answer.at("feed.hasNextPage") === false) return items;
    after = answer.at("feed.endCursor");
  }
}

describe("/feeds/ndjson before an ERP", () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario({
      STOCK_FRESH_SECONDS: "600",
      PRICE_FRESH_SECONDS: "600",
      JOURNAL_MAX_SKUS: "5000",
    });
    fillShop(scenario);
  });
  afterAll(() => scenario.stop());

  test("tells every item byte for byte as the query `feed` does, but for its age", async () => {
    await readStream(await openStream(addressOf(scenario, null))); // from here on both are answered from memory
    const asked = (await askEverything(scenario)).map((item) => JSON.stringify(item));
    const { text } = await readStream(await openStream(addressOf(scenario, null)));
    scenario.client.texts.push(text);
    const streamed = text.split("\n").filter((line) => line.startsWith('{"sku"'));
    const withoutAge = (line: string) => line.replace(/"ageSeconds":[\d.]+/g, '"ageSeconds":0');
    expect(streamed.map(withoutAge)).toEqual(asked.map(withoutAge));
    expect(streamed).toHaveLength(all.length);
    const parsed = toLines(text).items;
    expect(parsed[1]).toMatchObject({ price: { gross: null, net: { amount: "3.99" } } });
    expect(parsed[4]).toMatchObject({ price: null, removed: false });
    expect(parsed[5]).toMatchObject({ stock: null, removed: false });
  });

  test("a reader who is killed at random points and goes on names every SKU once", async () => {
    const random = createRandom(20261124);
    for (let run = 0; run < 5; run++) {
      const told: unknown[] = [];
      let kills = 0;
      for (let after: string | null = null; ; ) {
        const leaveAfter = kills < 8 ? Math.floor(random() * 900_000) : Number.POSITIVE_INFINITY;
        const { text } = await readStream(await openStream(addressOf(scenario, after)), leaveAfter);
        const lines = toLines(text);
        told.push(...skusOf(lines));
        const last = lines.cursors.at(-1);
        if (last?.hasNextPage === false) break;
        after = last?.endCursor ?? after;
        kills += 1;
      }
      expect(kills).toBeGreaterThan(0);
      expect(told).toEqual(all);
    }
  });

  test("the last cursor's `deltaCursor` begins a run of what changed since", async () => {
    const full = toLines((await readStream(await openStream(addressOf(scenario, null)))).text);
    const since = full.cursors.at(-1)?.deltaCursor as string;
    const invalidate = `mutation { invalidate(input: { skus: ["${all[7]}"] }) { at } }`;
    await scenario.ask(invalidate, { token: mintToken({ scope: "invalidate" }) });
    const delta = await readStream(await openStream(`${addressOf(scenario, null)}?changedSince=${since}`));
    expect(skusOf(toLines(delta.text))).toEqual([all[7]]);
  });
});

describe("/feeds/ndjson before an ERP that fails", () => {
  test("half-way: the last line says when to go on, and a run resumed there names every SKU once", async () => {
    const scenario = await startScenario();
    const catalogue = fillShop(scenario);
    let lists = 0;
    scenario.erp.answer("other", ({ path }) => {
      lists += 1;
      return lists === 1
        ? { kind: "json", body: { skus: all.slice(0, 1_000), next: all[999] } }
        : path.startsWith("/v1/products")
          ? problem(503)
          : problem(404);
    });
    const first = toLines((await readStream(await openStream(addressOf(scenario, null)))).text);
    expect(first.error).toMatchObject({ code: "ERP_OVERLOADED", retryAfterSeconds: expect.any(Number) });
    expect(skusOf(first)).toEqual(all.slice(0, 1_000));

    new PortCatalogue(scenario.erp, catalogue.skus);
    const after = first.cursors.at(-1)?.endCursor as string;
    const rest = await eventually("the ERP may be asked again", async () => {
      const lines = toLines((await readStream(await openStream(addressOf(scenario, after)))).text);
      return lines.cursors.at(-1)?.hasNextPage === false ? lines : null;
    });
    expect([...skusOf(first), ...skusOf(rest)]).toEqual(all);
    await scenario.stop();
  });

  test("at an SKU that is none, a price without tax rate, a poisoned row: the rest arrives, and they say why", async () => {
    const scenario = await startScenario();
    fillShop(scenario);
    const [, untaxed, poisoned] = all;
    const bad = ["", "TAB\tBED", "X".repeat(300)];
    new PortCatalogue(scenario.erp, [...bad, ...all.slice(0, 40)]);
    scenario.erp.answerLines("price", (line) => (line["sku"] === poisoned ? { ...line, unitPrice: "1,5" } : line));
    const { text } = await readStream(await openStream(addressOf(scenario, null)));
    const { items, cursors } = toLines(text);
    expect(cursors.at(-1)).toMatchObject({ hasNextPage: false });
    expect(new Set(items.map(({ sku }) => sku))).toEqual(new Set([...bad, ...all.slice(0, 40)]));
    const failed = items.filter((item) => "errors" in item);
    expect(failed.map(({ sku }) => sku)).toEqual([...bad, poisoned]);
    expect(failed.at(-1)).toMatchObject({
      price: null,
      stock: { status: expect.any(String) },
      errors: [{ field: "price", code: "ERP_BAD_ANSWER" }],
    });
    expect(items.find(({ sku }) => sku === untaxed)).toMatchObject({ price: { gross: null, taxRate: null } });
    scenario.client.texts.push(text);
    await scenario.stop();
  });

  test("before the first page: 503, with when to ask again", async () => {
    const scenario = await startScenario();
    scenario.erp.answer("other", () => problem(503));
    const response = await openStream(addressOf(scenario, null));
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
    response.resume();
    await scenario.stop();
  });
});

test("SIGTERM ends a stream with a line that says so, and the process in good time", async () => {
  const scenario = await startScenario();
  fillShop(scenario);
  scenario.erp.answer("price", ({ lines }, regular) => (lines.some(({ sku }) => sku > "S-01200") ? hang : regular));
  const response = await openStream(addressOf(scenario, null));
  const whole = readStream(response);
  await eventually("two pages were told", () => response.socket.bytesRead > 600_000);
  const before = Date.now();
  scenario.gateway.signal("SIGTERM");
  const lines = toLines((await whole).text);
  expect(lines.error).toMatchObject({ code: "GATEWAY_STOPPING", retryAfterSeconds: 5 });
  expect(skusOf(lines).length).toBeGreaterThanOrEqual(500);
  expect(Date.now() - before).toBeLessThan(4_000);
  await scenario.stop();
});
