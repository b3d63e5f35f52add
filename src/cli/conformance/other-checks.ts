import { type Check, noCustomer, noSku, oddText, Skipped } from "./check.js";
import type { Answer, Port } from "./port.js";
import { brokenInChange, brokenInCustomer, brokenInStockItem, listOf, type Row, rowOf } from "./shapes.js";

const mostSkus = 500;

export const stockChecks: readonly Check[] = [
  {
    id: "stock-echo",
    promise: "each SKU is answered once, under its own name, with exact quantities in strings",
    async run(port, { skus }) {
      const { wrong, items } = await askStock(port, skus);
      const found = items.filter(({ status }) => status === "found");
      if (wrong.length === 0 && found.length === 0)
        return ["none of these SKUs is found: name some for sale with --sku"];
      return [...wrong, ...found.flatMap((item) => brokenInStockItem(item, `the item of SKU ${item["sku"]}`))];
    },
  },
  {
    id: "stock-unknown-sku",
    promise: "an unknown SKU is its item's status, and spoils no other item",
    async run(port, { skus }) {
      const [good = ""] = skus;
      const { wrong, items } = await askStock(port, [noSku, good, oddText]);
      const statusOf = (sku: string) => items.find((item) => item["sku"] === sku)?.["status"];
      if (wrong.length > 0) return wrong;
      const unknown = [noSku, oddText].filter((sku) => statusOf(sku) !== "unknown");
      return [
        ...unknown.map((sku) => `SKU ${JSON.stringify(sku)} should be "unknown", not ${JSON.stringify(statusOf(sku))}`),
        ...(statusOf(good) === "found"
          ? []
          : [`SKU ${good} beside it should be "found", not ${JSON.stringify(statusOf(good))}`]),
      ];
    },
  },
  {
    id: "stock-500-skus",
    promise: `one call may carry ${mostSkus} SKUs`,
    async run(port, { skus }) {
      const many = Array.from({ length: mostSkus - skus.length }, (_, index) => `${noSku}-${index}`);
      return (await askStock(port, [...skus, ...many])).wrong;
    },
  },
];

async function askStock(port: Port, skus: readonly string[]): Promise<{ wrong: string[]; items: readonly Row[] }> {
  const { status, json } = await port.post("/v1/stock", { skus });
  if (status !== 200 || !Array.isArray(rowOf(json)["items"]))
    return { wrong: [`POST /v1/stock should answer 200 with a list "items", not HTTP ${status}`], items: [] };
  const items = listOf(rowOf(json)["items"]).map(rowOf);
  const wrong = skus.flatMap((sku) => {
    const times = items.filter((item) => item["sku"] === sku).length;
    return times === 1 ? [] : [`SKU ${JSON.stringify(sku)} is answered ${times} times`];
  });
  return { wrong, items };
}

export const customerChecks: readonly Check[] = [
  {
    id: "customers-record",
    promise: "a customer's record names the code that was asked, and its terms",
    async run(port, { customers }) {
      if (customers.length === 0) return new Skipped("name customers with --customer");
      const wrong: string[] = [];
      for (const code of customers) {
        const { status, json } = await readCustomer(port, code);
        if (status !== 200) wrong.push(`customer ${code} should be HTTP 200, not ${status}`);
        else if (rowOf(json)["code"] !== code)
          wrong.push(`customer ${code} answers as ${JSON.stringify(rowOf(json)["code"])}`);
        else wrong.push(...brokenInCustomer(rowOf(json), `customer ${code}`));
      }
      return wrong;
    },
  },
  {
    id: "customers-unknown",
    promise: "an unknown customer is HTTP 404, whatever characters its code has",
    async run(port) {
      const wrong: string[] = [];
      for (const code of [noCustomer, oddText]) {
        const { status } = await readCustomer(port, code);
        if (status !== 404) wrong.push(`customer ${JSON.stringify(code)} should be HTTP 404, not ${status}`);
      }
      return wrong;
    },
  },
];

function readCustomer(port: Port, code: string): Promise<Answer> {
  return port.get(`/v1/customers/${encodeURIComponent(code)}`);
}

export const catalogueChecks: readonly Check[] = [
  {
    id: "products-pages",
    promise:
      "all SKUs come page by page, none twice, no more on a page than asked for; or HTTP 404 where there is no list",
    async run(port) {
      const seen = new Set<string>();
      let after: string | null = null;
      for (let page = 0; page < 4; page++) {
        const query: string = new URLSearchParams({ limit: "3", ...(after === null ? {} : { after }) }).toString();
        const { status, json } = await port.get(`/v1/products?${query}`);
        if (status === 404 && page === 0) return new Skipped("this ERP lists no products, so there is no feed of them");
        const { skus, next } = rowOf(json);
        if (status !== 200 || !Array.isArray(skus))
          return [`a page should be HTTP 200 with a list "skus", not ${status}`];
        if (skus.length > 3) return [`asked for 3 SKUs, a page has ${skus.length}`];
        const twice = skus.filter((sku) => seen.has(sku));
        if (twice.length > 0) return [`${twice.join(", ")} came on an earlier page already`];
        for (const sku of skus) seen.add(sku);
        if (next === null) return [];
        if (typeof next !== "string")
          return [`next should be a text, or null on the last page, not ${JSON.stringify(next) ?? "missing"}`];
        after = next;
      }
      return [];
    },
  },
  {
    id: "changes-begin",
    promise:
      "without a cursor there is nothing but the newest one, from which one can go on; or HTTP 404 where none are kept",
    async run(port) {
      const begin = await port.get("/v1/changes?limit=5");
      if (begin.status === 404) return new Skipped("this ERP keeps no changes");
      const { changes, next, more } = rowOf(begin.json);
      if (begin.status !== 200 || !Array.isArray(changes) || typeof next !== "string")
        return [`it should be HTTP 200 with "changes" and "next", not HTTP ${begin.status}`];
      const onward = await port.get(`/v1/changes?${new URLSearchParams({ since: next, limit: "5" })}`);
      const later = rowOf(onward.json);
      return [
        ...(changes.length === 0 ? [] : ["without a cursor it tells changes, which nobody can place"]),
        ...(more === false ? [] : [`more should be false, not ${JSON.stringify(more) ?? "missing"}`]),
        ...(onward.status === 200 && typeof later["next"] === "string"
          ? []
          : [`its own cursor leads to HTTP ${onward.status}`]),
        ...listOf(later["changes"]).flatMap((change) => brokenInChange(rowOf(change), "a change")),
      ];
    },
  },
  {
    id: "changes-lost",
    promise: "a cursor that leads nowhere is refused by a 4xx, such as 410, and never answered with an empty page",
    async run(port) {
      const begin = await port.get("/v1/changes?limit=1");
      if (begin.status === 404) return new Skipped("this ERP keeps no changes");
      const { status } = await port.get(
        `/v1/changes?${new URLSearchParams({ since: "pricelane-no-such-cursor", limit: "1" })}`,
      );
      return status >= 400 && status < 500 ? [] : [`it should be a 4xx, not HTTP ${status}`];
    },
  },
];

export const accessChecks: readonly Check[] = [
  {
    id: "health",
    promise: "GET /v1/health is HTTP 200 while the ERP can answer",
    async run(port) {
      const { status } = await port.get("/v1/health");
      return status === 200 ? [] : [`it should be HTTP 200, not ${status}`];
    },
  },
  {
    id: "credential",
    promise: "a missing or wrong bearer token is HTTP 401 or 403",
    async run(port, { token }) {
      if (token === null) return new Skipped("no --token-file was given");
      const wrong: string[] = [];
      for (const [what, bearer] of [
        ["no token", null],
        ["a wrong token", "pricelane-wrong-token"],
      ] as const) {
        const { status } = await port.get(`/v1/customers/${noCustomer}`, bearer);
        if (status !== 401 && status !== 403) wrong.push(`${what} should be HTTP 401 or 403, not ${status}`);
      }
      return wrong;
    },
  },
];
