import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { problem } from "../support/port-answers.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";
import { openStream, readStream } from "./stream-client.js";

const amazon = "/feeds/amazon.json?sellerId=A2SELLER&marketplaceId=A13V1IB3VIYZZH";

describe("the files for marketplaces before an ERP", () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario({ FEED_SAFETY_STOCK: "google 2, amazon 5" });
    const { prices, stock } = scenario.erp;
    const skus = ["PLAIN", "FEW", "UNTAXED", "UNSOLD", "UNCOUNTED", "PACKED", "HUNDRED", "LATER", "BAD", 'QUOTED"'];
    for (const sku of skus) {
      prices.set(`|${sku}`, { unitPrice: "10.005", taxRate: "20" });
      stock.set(sku, { warehouses: { LYON: "6.5" } });
    }
    stock.set("FEW", { warehouses: { LYON: "1", PARIS: "2" } });
    prices.set("|UNTAXED", { unitPrice: "3.99" });
    prices.delete("|UNSOLD");
    stock.delete("UNCOUNTED");
    prices.set("|PACKED", { unitPrice: "2", taxRate: "20", minimumQuantity: "4" });
    prices.set("|HUNDRED", { unitPrice: "99.99", taxBasis: "gross", taxRate: "20", priceUnit: "100" });
    stock.set("LATER", { warehouses: { LYON: "0" }, backorder: true, restockDate: "2027-01-05" });
    new PortCatalogue(scenario.erp, [...skus, "TAB\tBED"]);
    scenario.erp.answerLines("price", (line) => (line["sku"] === "BAD" ? { ...line, unitPrice: "x" } : line));
  });
  afterAll(() => scenario.stop());

  async function read(path: string) {
    const response = await openStream(scenario.gateway.url + path);
    const stream = await readStream(response);
    scenario.client.texts.push(stream.text);
    return { ...stream, status: response.statusCode };
  }

  test("Google's TSV: prices with tax in cents, two units kept back, and what cannot be told left out", async () => {
    const { text, trailers } = await read("/feeds/google.tsv");
    expect(text.split("\n")).toEqual([
      "id\tprice\tavailability\tavailability_date",
      "PLAIN\t12.01 EUR\tin_stock\t",
      "FEW\t12.01 EUR\tin_stock\t",
      "UNTAXED\t\tin_stock\t",
      "UNSOLD\t\tout_of_stock\t",
      "UNCOUNTED\t12.01 EUR\t\t",
      "PACKED\t9.60 EUR\tin_stock\t",
      "HUNDRED\t1.00 EUR\tin_stock\t",
      "LATER\t12.01 EUR\tbackorder\t2027-01-05T00:00Z",
      "BAD\t\tin_stock\t",
      "",
    ]);
    // UNTAXED and BAD without a price, QUOTED" and the one with a tab altogether.
    expect(trailers).toMatchObject({ "pricelane-items": "9", "pricelane-left-out": "4" });
    const leftOut = 'pricelane_feed_left_out_total{format="google-tsv",reason="unnameable"}';
    expect(await readMetric(scenario.gateway.url, leftOut)).toBe(2);
  });

  test("Google's XML says the same, and has room for a quote", async () => {
    const { text } = await read("/feeds/google.xml");
    expect(text).toContain(
      "<item><g:id>PLAIN</g:id><g:price>12.01 EUR</g:price><g:availability>in_stock</g:availability></item>",
    );
    expect(text).toContain('<g:id>QUOTED"</g:id>');
    expect(text).not.toContain("BED");
    expect(text.endsWith("</channel>\n</rss>\n")).toBe(true);
  });

  test("Amazon's: five units kept back, nothing of what is sold by fours, quantity 0 for what is not sold", async () => {
    const { text } = await read(amazon);
    const { header, messages } = JSON.parse(text) as {
      header: unknown;
      messages: { sku: string; patches: { value: Record<string, unknown>[] }[] }[];
    };
    expect(header).toEqual({ sellerId: "A2SELLER", version: "2.0" });
    const units = Object.fromEntries(
      messages.map(({ sku, patches }) => [sku, patches.flatMap(({ value }) => value[0]?.["quantity"] ?? [])[0]]),
    );
    expect(units).toEqual({
      ...{ PLAIN: 1, FEW: 0, UNTAXED: 1, UNSOLD: 0, UNCOUNTED: undefined, HUNDRED: 1, LATER: 0, BAD: 1 },
      'QUOTED"': 1,
    });
    expect(text).toContain('"sku":"HUNDRED"');
    expect(text).toContain('"value_with_tax":1.00}');
  });

  test("without the scope there is no file", async () => {
    const response = await fetch(`${scenario.gateway.url}/feeds/google.tsv`);
    expect(response.status).toBe(403);
  });
});

test("a file that the ERP breaks off is broken off, and none that could pass for whole", async () => {
  const scenario = await startScenario();
  const skus = Array.from({ length: 1_000 }, (_, index) => `S-${1_000 + index}`);
  for (const sku of skus) scenario.erp.prices.set(`|${sku}`, { unitPrice: "1", taxRate: "20" });
  scenario.erp.answer("other", ({ path }) =>
    path.includes("after=") ? problem(503) : { kind: "json", body: { skus, next: skus.at(-1) } },
  );
  for (const path of ["/feeds/google.tsv", "/feeds/google.xml", amazon]) {
    const { text, isWhole } = await readStream(await openStream(scenario.gateway.url + path));
    expect([text.includes("S-1000"), isWhole]).toEqual([true, false]);
  }
  await scenario.stop();
});
