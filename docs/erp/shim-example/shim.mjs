// Serves the ERP port (docs/erp/port.md) from three CSV files, as an ERP might export them every night. Node alone, nothing to install:
//   ERP_TOKEN=try-me PORT=4200 node shim.mjs
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const { ERP_TOKEN: token = "", PORT: port = "4200" } = process.env;

// Amounts stay the texts they are in the file: a float would make 0.30 of 0.1 + 0.2, and not quite that.
function readCsv(name) {
  const [head, ...lines] = readFileSync(new URL(name, import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  const columns = head.split(";");
  return lines.map((line) => Object.fromEntries(line.split(";").map((cell, index) => [columns[index], cell])));
}

const articles = new Map(readCsv("articles.csv").map((row) => [row.sku, row]));
const customers = new Map(readCsv("customers.csv").map((row) => [row.code, row]));
const prices = new Map(); // "list;sku" → its quantity breaks
for (const { list, sku, from, net } of readCsv("prices.csv")) {
  const key = `${list};${sku}`;
  prices.set(key, [...(prices.get(key) ?? []), { from, unitPrice: net }]);
}

// One line of the question, one line of the answer: ref, sku and customer go back as they came, whatever becomes of the line.
function toPriceLine({ ref, customer, sku, currency = "EUR" }) {
  const echo = { ref, customer, sku };
  const article = articles.get(sku);
  const buyer = customer === null ? { list: "PUBLIC" } : customers.get(customer);
  if (buyer === undefined) return { ...echo, status: "unknown-customer" };
  const tiers = prices.get(`${buyer.list};${sku}`) ?? prices.get(`PUBLIC;${sku}`);
  if (article === undefined || tiers === undefined) return { ...echo, status: "unknown" };
  if (currency !== "EUR") return { ...echo, status: "error", message: `there are no prices in ${currency}` };
  return {
    ...{ ...echo, status: "priced", currency, taxBasis: "net", taxRate: article.tax_rate, unit: article.unit },
    ...{
      unitPrice: tiers[0].unitPrice,
      tiers,
      priceList: buyer.list,
      priceScope: customer === null ? null : buyer.list,
    },
  };
}

function toStockItem(sku) {
  const article = articles.get(sku);
  if (article === undefined) return { sku, status: "unknown" };
  const warehouses = ["LYON", "PARIS"].map((code) => ({ code, available: article[`stock_${code}`] || "0" }));
  return { sku, status: "found", warehouses };
}

function toCustomer(code) {
  const row = customers.get(code);
  if (row === undefined) return null;
  // All who have one list pay the same: that is what priceScope says, and lets them share answers.
  return {
    code,
    name: row.name,
    currency: "EUR",
    priceScope: row.list,
    ...(row.terms ? { paymentTerms: row.terms } : {}),
  };
}

// The page after an SKU rather than page number n: articles that come or go then move no page.
function toProductPage(query) {
  const limit = Math.min(Number(query.get("limit") ?? "100") || 100, 1000);
  const rest = [...articles.keys()].sort().filter((sku) => sku > (query.get("after") ?? ""));
  const skus = rest.slice(0, limit);
  return { skus, next: rest.length > limit ? skus.at(-1) : null };
}

async function readJson(request) {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return JSON.parse(text);
}

// A path that is not here is a 404: for /v1/changes that says "this ERP keeps no changes", for a customer that there is none.
async function answer(request) {
  if (token !== "" && request.headers.authorization !== `Bearer ${token}`) return { status: 401 };
  const url = new URL(request.url, "http://shim");
  const route = `${request.method} ${url.pathname}`;
  if (route === "POST /v1/prices") return { body: { lines: (await readJson(request)).lines.map(toPriceLine) } };
  if (route === "POST /v1/stock") return { body: { items: (await readJson(request)).skus.map(toStockItem) } };
  if (route === "GET /v1/products") return { body: toProductPage(url.searchParams) };
  if (route === "GET /v1/health") return { body: {} };
  const [, code] = /^GET \/v1\/customers\/([^/]+)$/.exec(route) ?? [];
  const customer = code === undefined ? null : toCustomer(decodeURIComponent(code));
  return customer === null ? { status: 404 } : { body: customer };
}

const server = createServer((request, response) => {
  answer(request)
    .catch((error) => ({ status: error instanceof SyntaxError ? 400 : 500, title: String(error.message) }))
    .then(({ status = 200, body, title = `HTTP ${status}` }) => {
      response.writeHead(status, { "content-type": status === 200 ? "application/json" : "application/problem+json" });
      response.end(JSON.stringify(body ?? { title, status }));
    });
});
server.listen(Number(port), "127.0.0.1", () =>
  console.log(`the shim listens on http://127.0.0.1:${server.address().port}`),
);
