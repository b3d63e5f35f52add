import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { renderCart, renderList, renderMessage } from "./pages.mjs";
import { Sessions } from "./sessions.mjs";

const file = (path) => readFileSync(new URL(path, import.meta.url));
const maxBodyBytes = 10_000;

/** @param options { port, origin, client: GatewayClient, erp: DemoProcess, products, customers } */
export async function startShop(options) {
  const shop = new Shop(options);
  const server = createServer((request, response) => shop.answer(request, response));
  await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, "127.0.0.1", resolve);
  });
}

class Shop {
  #sessions = new Sessions();
  /** The full-page cache: one text for everybody. */
  #list = null;
  #files = {
    "/pricelane-stock.js": ["text/javascript", file("../web/dist/pricelane-stock.js")],
    "/shop.js": ["text/javascript", file("public/shop.js")],
    "/shop.css": ["text/css", file("public/shop.css")],
  };
  #routes = {
    "GET /": (_, response) => this.#showList(response),
    "GET /session": (request, response) => this.#showSession(request, response),
    "GET /cart": (request, response) => this.#withCustomer(request, response, (session) => renderCart(session, null)),
    "POST /login": (request, response, form) => this.#logIn(request, response, form),
    "POST /logout": (request, response) => redirect(response, "/", { "set-cookie": this.#sessions.logOut(request) }),
    "POST /cart": (request, response, form) => this.#addToCart(request, response, form),
    "POST /order": (request, response) => this.#withCustomer(request, response, (session) => this.#order(session)),
    "POST /erp": (_, response, form) => this.#switchErp(response, form),
  };

  constructor(options) {
    this.options = options;
  }

  async answer(request, response) {
    response.setHeader(
      "content-security-policy",
      `default-src 'self'; img-src data:; connect-src 'self' ${this.options.client.url}`,
    );
    response.setHeader("cache-control", "no-store");
    try {
      if (!URL.canParse(request.url, this.options.origin))
        return sendPage(response, renderMessage("There is no such page."), 404);
      const { pathname, search } = new URL(request.url, this.options.origin);
      // By another name, such as localhost, its cookie and its forms would be another site's.
      if (request.method === "GET" && request.headers.host !== new URL(this.options.origin).host) {
        return redirect(response, this.options.origin + pathname + search);
      }
      if (this.#files[pathname]) return sendFile(response, this.#files[pathname]);
      const route = this.#routes[`${request.method} ${pathname}`];
      if (!route) return sendPage(response, renderMessage("There is no such page."), 404);
      // Another site's form would act in the name of whoever is logged in here.
      if (request.method === "POST" && request.headers.origin !== this.options.origin) {
        return sendPage(response, renderMessage(`Open the shop at ${this.options.origin}.`), 403);
      }
      await route(request, response, request.method === "POST" ? await readForm(request) : null);
    } catch (error) {
      sendPage(response, renderMessage(`The shop could not do this: ${error.message}`), 502);
    }
  }

  async #showList(response) {
    const { client, products, customers } = this.options;
    let list = this.#list;
    if (list === null) {
      const prices = await client.publicPrices(products.map(({ sku }) => sku));
      list = renderList({ products, prices, customers, gateway: `${client.url}/graphql` });
      // A page with holes is not kept.
      if (![...prices.values()].includes(null)) this.#list = list;
    }
    response.setHeader("cache-control", "public, max-age=60");
    sendPage(response, list);
  }

  async #showSession(request, response) {
    const session = this.#sessions.of(request);
    const body = session === null ? { token: null } : await this.options.client.session(session.customer.code);
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  }

  #logIn(request, response, form) {
    const customer = this.options.customers.find(({ code }) => code === form.get("customer"));
    if (!customer) return sendPage(response, renderMessage("There is no such account."), 400);
    redirect(response, "/", { "set-cookie": this.#sessions.logIn(request, customer) });
  }

  /** The line remembers what its buyer was shown: validateCart holds the ERP's price against it. */
  async #addToCart(request, response, form) {
    const session = this.#sessions.of(request);
    const product = this.options.products.find(({ sku }) => sku === form.get("sku"));
    const quantity = form.get("quantity") ?? "";
    if (!product || !/^[0-9]{1,6}(\.[0-9]{1,3})?$/.test(quantity) || Number(quantity) === 0) {
      return sendPage(response, renderMessage("Give a quantity above 0, such as 2 or 2.5."), 400);
    }
    if (session === null) return redirect(response, "/#log-in");
    const price = await this.options.client.ownPrice(session.customer.code, product.sku, quantity).catch(() => null);
    session.cart.set(product.sku, { product, quantity, price });
    redirect(response, "/cart");
  }

  async #order(session) {
    const lines = [...session.cart.values()].map(({ product: { sku }, quantity, price }) => ({
      key: sku,
      sku,
      quantity,
      shownNet: price?.net.amount ?? null,
    }));
    return renderCart(session, await this.options.client.validateCart(session.customer.code, lines));
  }

  async #withCustomer(request, response, render) {
    const session = this.#sessions.of(request);
    if (session === null) return redirect(response, "/#log-in");
    sendPage(response, await render(session));
  }

  async #switchErp(response, form) {
    if (form.get("erp") === "kill") await this.options.erp.kill();
    else await this.options.erp.start();
    redirect(response, form.get("back") === "/cart" ? "/cart" : "/");
  }
}

async function readForm(request) {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > maxBodyBytes) throw new Error(`a form of more than ${maxBodyBytes} bytes`);
  }
  return new URLSearchParams(text);
}

function redirect(response, location, headers = {}) {
  response.writeHead(303, { location, ...headers }).end();
}

function sendFile(response, [type, content]) {
  response.setHeader("cache-control", "public, max-age=60");
  response.setHeader("content-type", `${type}; charset=utf-8`).end(content);
}

function sendPage(response, page, status = 200) {
  response.writeHead(status, { "content-type": "text/html; charset=utf-8" }).end(page);
}
