import { readFileSync } from "node:fs";

/** The texts that shops show for a reason's messageKey. */
const messages = JSON.parse(readFileSync(new URL("../../schema/messages/en.json", import.meta.url), "utf8"));

/** The product list: the same text for everybody, so that it may be kept in a cache. */
export function renderList({ products, prices, customers, gateway }) {
  const head = `<meta name="pricelane-gateway" content="${escapeHtml(gateway)}">
<meta name="pricelane-session" content="/session">
<script type="module" src="/pricelane-stock.js"></script><script type="module" src="/shop.js"></script>`;
  const logins = customers.map(
    ({ code, about }) =>
      `<button name="customer" value="${escapeHtml(code)}" title="${escapeHtml(about)}">${escapeHtml(code)}</button>`,
  );
  return renderPage(
    head,
    `<section id="log-in"><p>You are <b id="caller">…</b>.</p>
<form method="post" action="/login">Log in as ${logins.join(" ")}</form>
<form method="post" action="/logout"><button>Log out</button></form></section>
<h1>Products</h1>
<ul class="products">${products.map((product) => renderProduct(product, prices.get(product.sku))).join("\n")}</ul>`,
    "/",
  );
}

function renderProduct({ sku, name }, price) {
  return `<li><h2>${escapeHtml(name)}</h2><p class="sku">${escapeHtml(sku)}</p>
<p class="price"><pricelane-price data-sku="${escapeHtml(sku)}" data-decimals="${unitDecimals}">${escapeHtml(toText(price))}</pricelane-price></p>
<p class="stock"><pricelane-stock data-sku="${escapeHtml(sku)}" data-count></pricelane-stock></p>
<form method="post" action="/cart"><input type="hidden" name="sku" value="${escapeHtml(sku)}">
<label>Quantity <input name="quantity" inputmode="decimal" size="5" value="${escapeHtml(price?.minimumQuantity ?? "1")}"></label>
<button>Add to cart</button></form></li>`;
}

/** @param validation what validateCart answered; null before the order */
export function renderCart({ customer, cart }, validation) {
  const lines = [...cart.values()].map((line) => renderLine(line, lineOf(validation, line)));
  const order =
    lines.length === 0 ? "<p>It is empty.</p>" : `<form method="post" action="/order"><button>Order</button></form>`;
  return renderPage(
    "",
    `<h1>The cart of ${escapeHtml(customer.code)}</h1>
<table><thead><tr><th>Product<th>Quantity<th>Price shown<th>Price<th>Stock<th>Line</thead><tbody>${lines.join("")}</tbody></table>
${order}${validation === null ? "" : renderVerdict(validation)}`,
    "/cart",
  );
}

const lineOf = (validation, { product }) => validation?.lines.find(({ key }) => key === product.sku) ?? null;

function renderLine({ product, quantity, price }, checked) {
  const cells = [product.name, quantity, toText(price) || "on request"];
  const after = checked === null ? ["", "", ""] : [checked.price, checked.stock, toMoney(checked.lineNet)];
  const row = [...cells, ...after].map((cell) => `<td>${escapeHtml(cell)}`).join("");
  const reasons = checked?.reasons.map(
    (reason) => `<tr class="reason"><td colspan="6">${escapeHtml(toSentence(reason, checked))}`,
  );
  return `<tr>${row}${reasons?.join("") ?? ""}`;
}

const advice = {
  ACCEPT: "A shop would place the order now, at these prices.",
  NEEDS_CONSENT: "Something has changed: the buyer must agree first.",
  REJECT: "This order cannot be placed.",
  UNVERIFIED: "The ERP cannot be asked now: a shop asks again later, or takes it as a request.",
};

function renderVerdict({ verdict, reasons, netTotal, grossTotal, quote }) {
  const told = reasons.map((reason) => `<li>${escapeHtml(toSentence(reason, {}))}`).join("");
  const total =
    netTotal === null ? "not certain" : `${toMoney(netTotal)} excl. tax, ${toMoney(grossTotal) || "?"} incl. tax`;
  const promise =
    quote === null
      ? "none"
      : `${escapeHtml(quote.id)}, until ${escapeHtml(quote.expiresAt)}<details><summary>Token</summary><code>${escapeHtml(quote.token)}</code></details>`;
  return `<section class="verdict ${escapeHtml(verdict)}"><h2 id="verdict">${escapeHtml(verdict)}</h2><p>${escapeHtml(advice[verdict])}</p>
<ul>${told}</ul><dl><dt>Total<dd id="total">${escapeHtml(total)}<dt>Quote<dd id="quote">${promise}</dl></section>`;
}

export function renderMessage(text) {
  return renderPage("", `<p role="alert">${escapeHtml(text)}</p>`, "/");
}

function renderPage(head, body, back) {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Demo shop</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><link rel="stylesheet" href="/shop.css">${head}</head><body>
<header><b>Demo shop</b> <a href="/">Products</a> <a href="/cart">Cart</a></header><main>${body}</main>
<footer><form method="post" action="/erp"><input type="hidden" name="back" value="${back}">The ERP behind it:
<button name="erp" value="kill">Kill it</button> <button name="erp" value="start">Start it</button></form>
<p>Killed, it needs two views of the products, some seconds apart: the first shows what was known and asks anew, the second tells that this failed.</p></footer></body></html>`;
}

const toSentence = ({ messageKey }, line) =>
  (messages[messageKey] ?? messageKey).replace(/\{(\w+)\}/g, (_, name) =>
    name === "net" ? toMoney(line.net, unitDecimals) : String(line[name] ?? ""),
  );

/** Intl takes the exact decimal as the text it is. @param decimals at most so many; none: the currency's own */
function toMoney(money, decimals) {
  if (!money) return "";
  const { currency, amount } = money;
  return new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: decimals }).format(amount);
}

/** A unit price is often finer than a coin: rounded, ten of them would not seem to make the line's sum. */
const unitDecimals = 4;

/** A price per hundred never passes for one of a piece. */
function toText(price) {
  if (!price) return "";
  return (
    toMoney(price.net, unitDecimals) +
    (/^1(\.0+)?$/.test(price.priceUnit) ? "" : ` per ${price.priceUnit} ${price.unit ?? ""}`)
  );
}

function escapeHtml(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return String(text).replace(/[&<>"]/g, (sign) => entities[sign]);
}
