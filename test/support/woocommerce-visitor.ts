import type { AnyShopGateway } from "./any-shop-gateway.js";

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
}

export interface Shown {
  readonly sku: string;
  readonly quantity: number;
  /** Hundredths of the currency, for one; null where the shop tells no price. */
  readonly cents: number | null;
  readonly regularCents: number | null;
}

/** An order's number and lines, or what the shop said in its place. */
export type Placed = { lines: Shown[] } | { refusal: string };

interface Row {
  readonly sku: string;
  readonly quantity?: number;
  readonly prices: { readonly price: string; readonly regular_price: string };
}

interface ListedRow extends Row {
  readonly id: number;
  readonly add_to_cart: { readonly maximum: number };
}

/** A buyer's browser before a real WooCommerce: cookies, the Store API as the blocks use it, and the classic checkout's form. */
export class WooCommerceVisitor {
  /** Most questions that one request of this visitor cost the gateway. */
  mostQuestions = 0;
  readonly #base: string;
  readonly #gateway: AnyShopGateway | null;
  readonly #cookies = new Map<string, string>();
  #nonce = "";
  #form: URLSearchParams | null = null;
  #login = "";

  /** @param gateway whose questions are counted; null where the shop asks one that is not the test's */
  constructor(base: string, gateway: AnyShopGateway | null) {
    this.#base = base.replace(/\/$/, "");
    this.#gateway = gateway;
  }

  /** @returns the page in the end, redirections of a GET followed as a browser does */
  async open(address: string, init: RequestInit = {}): Promise<Page> {
    let url = new URL(address, `${this.#base}/`).href;
    for (let hop = 0; hop < 8; hop += 1) {
      this.#gateway?.forget();
      const response = await this.#send(url, init);
      const text = await response.text();
      this.mostQuestions = Math.max(this.mostQuestions, this.#gateway?.questions.length ?? 0);
      this.#nonce = response.headers.get("nonce") ?? this.#nonce;
      const to = response.headers.get("location");
      if (to === null || init.method === "POST")
        return { status: response.status, url, text, headers: response.headers };
      url = new URL(to, url).href;
    }
    throw new Error(
      `${address} of the shop redirects in a circle: is WOO_URL the address that the shop thinks it has?`,
    );
  }

  async logIn(user: string): Promise<this> {
    const [name = "", password = ""] = user.split(/:(.*)/s);
    await this.open("/wp-login.php");
    const form = new URLSearchParams({ log: name, pwd: password, testcookie: "1" });
    const { status } = await this.open("/wp-login.php", { method: "POST", body: form });
    if (status !== 302) throw new Error(`${name} could not log in at ${this.#base}: check WOO_USERS`);
    this.#login = name;
    return this;
  }

  async token(): Promise<{ token: string | null; sub?: string }> {
    return JSON.parse((await this.open("/?wc-ajax=pricelane_token")).text) as never;
  }

  /** @returns products with an SKU, as the Store API lists them to this visitor, and how many of each he may buy at most */
  async products(query = ""): Promise<(Shown & { id: number; most: number })[]> {
    const { text } = await this.#api("GET", `products&per_page=50${query}`);
    const rows = JSON.parse(text) as ListedRow[];
    return rows
      .filter(({ sku }) => sku !== "")
      .map((row) => ({ id: row.id, most: row.add_to_cart.maximum, ...shown(row) }));
  }

  async emptyCart(): Promise<void> {
    await this.#api("DELETE", "cart/items");
  }

  /** @returns the cart's lines after so many more */
  async add(id: number, quantity: number): Promise<Shown[]> {
    const { status, text } = await this.#api("POST", "cart/add-item", { id, quantity });
    if (status !== 201) throw new Error(`the shop put product ${id} into no cart: ${text.slice(0, 300)}`);
    return lines(text);
  }

  /** As the cart block does whenever it looks. */
  async cart(): Promise<Shown[]> {
    return lines((await this.#api("GET", "cart")).text);
  }

  /** Places the order as the checkout block does. */
  async placeByBlocks(): Promise<Placed> {
    const order = { billing_address: { ...address, email: this.#mail }, payment_method: "bacs" };
    const { status, text } = await this.#api("POST", "checkout", order);
    const answer = JSON.parse(text) as { order_id?: number; order_key?: string; message?: string };
    if (status !== 200) return { refusal: answer.message ?? text };
    return { lines: await this.#order(answer.order_id, answer.order_key) };
  }

  /** Looks at the page of the classic checkout. @returns what it shows */
  async lookAtClassic(page: string): Promise<string> {
    const { text } = await this.open(page);
    const nonce = /name="woocommerce-process-checkout-nonce" value="([^"]+)"/.exec(text)?.[1];
    this.#form = nonce === undefined ? null : new URLSearchParams({ "woocommerce-process-checkout-nonce": nonce });
    return plain(text);
  }

  /** Places the order by the form that was looked at last. */
  async placeByClassic(): Promise<Placed & { isRefreshed?: boolean }> {
    if (this.#form === null) throw new Error("the page had no form of a classic checkout: check WOO_CLASSIC");
    const form = new URLSearchParams(this.#form);
    for (const [name, value] of Object.entries({ ...address, email: this.#mail })) form.set(`billing_${name}`, value);
    form.set("payment_method", "bacs");
    const { text } = await this.open("/?wc-ajax=checkout", { method: "POST", body: form });
    const answer = JSON.parse(text) as { result: string; messages?: string; redirect?: string; refresh?: boolean };
    if (answer.result !== "success")
      return { refusal: plain(answer.messages ?? text), isRefreshed: answer.refresh === true };
    const to = answer.redirect ?? "";
    const order = /order-received[=/](\d+)/.exec(to)?.[1];
    return { lines: await this.#order(order, /[?&]key=([^&]+)/.exec(to)?.[1]) };
  }

  get #mail(): string {
    return `${this.#login.replace(/\W/g, "") || "guest"}@example.com`;
  }

  /** @returns the lines of an order as it was stored: what a line comes to before coupons, for one */
  async #order(order: number | string | undefined, key: string | undefined): Promise<Shown[]> {
    const { text } = await this.#api(
      "GET",
      `order/${order}&key=${key}&billing_email=${encodeURIComponent(this.#mail)}`,
    );
    return lines(text);
  }

  async #api(method: string, route: string, body?: unknown): Promise<Page> {
    if (method !== "GET" && this.#nonce === "") await this.#api("GET", "cart");
    const headers = { "content-type": "application/json", nonce: this.#nonce };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    return this.open(`/?rest_route=/wc/store/v1/${route}`, init);
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(url, { redirect: "manual", ...init, headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      this.#cookies.set(name, value);
    }
    return response;
  }
}

const address = {
  first_name: "Ann",
  last_name: "Example",
  address_1: "1 rue de la Paix",
  city: "Paris",
  postcode: "75002",
  country: "FR",
  phone: "0102030405",
};

function shown({ sku, quantity = 1, prices }: Row): Shown {
  return { sku, quantity, cents: cents(prices.price), regularCents: cents(prices.regular_price) };
}

/** @returns null for the 0 that the Store API writes where there is no price */
function cents(minor: string): number | null {
  return Number(minor) === 0 ? null : Number(minor);
}

function lines(text: string): Shown[] {
  const { items } = JSON.parse(text) as { items?: Row[] };
  if (items === undefined) throw new Error(`the shop told no lines: ${text.slice(0, 300)}`);
  return items.map(shown);
}

function plain(html: string): string {
  const entities: Record<string, string> = { quot: '"', amp: "&", "#039": "'", lt: "<", gt: ">", nbsp: " ", euro: "€" };
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&(quot|amp|#039|lt|gt|nbsp|euro);/g, (_entity, name: string) => entities[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
