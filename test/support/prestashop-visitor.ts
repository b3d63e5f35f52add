import type { AnyShopGateway } from "./any-shop-gateway.js";

export interface Page {
  readonly status: number;
  readonly url: string;
  readonly text: string;
  readonly headers: Headers;
}

export interface CartLine {
  readonly reference: string;
  readonly quantity: number;
  /** Gross, in hundredths, of a piece; null where the shop printed no price. */
  readonly cents: number | null;
  /** In percent. */
  readonly rate: number;
}

interface ShopWords {
  readonly static_token: string;
  readonly urls: { readonly pages: Readonly<Record<string, string>> };
}

/** A buyer's browser before a real PrestaShop with the theme `classic`: cookies, forms, and the shop's own addresses. */
export class PrestaShopVisitor {
  /** Most questions that one request of this visitor cost the gateway. */
  mostQuestions = 0;
  readonly #base: string;
  readonly #gateway: AnyShopGateway;
  readonly #cookies = new Map<string, string>();
  #words: ShopWords | null = null;

  constructor(base: string, gateway: AnyShopGateway) {
    this.#base = base.replace(/\/$/, "");
    this.#gateway = gateway;
  }

  /** @param form posted where given. @returns the page in the end, redirections followed as a browser does */
  async open(address: string, form?: Readonly<Record<string, string>>): Promise<Page> {
    let url = new URL(address, `${this.#base}/`).href;
    let body = form === undefined ? undefined : new URLSearchParams(form);
    for (let hop = 0; hop < 8; hop += 1) {
      this.#gateway.forget();
      const response = await this.#send(url, body);
      const text = await response.text();
      this.mostQuestions = Math.max(this.mostQuestions, this.#gateway.questions.length);
      const to = response.headers.get("location");
      if (to === null) return { status: response.status, url, text, headers: response.headers };
      url = new URL(to, url).href;
      body = undefined;
    }
    throw new Error(`${address} of the shop redirects in a circle: is PS_URL the address that the shop thinks it has?`);
  }

  /** @param page as PrestaShop names it: cart, order, category, product, search, ... */
  async go(page: string, query: Readonly<Record<string, string>> = {}): Promise<Page> {
    return this.open(withQuery(await this.#address(page), query));
  }

  /** @returns what a product's page tells its scripts, as it comes whole or as the theme fetches it for another combination */
  async product(variant: string, way: "whole" | "refreshed"): Promise<ShownProduct> {
    const [id_product = "", id_product_attribute = ""] = variant.split("-");
    const address = withQuery(await this.#address("product"), { id_product, id_product_attribute });
    if (way === "whole") return shownProduct((await this.open(address)).text);
    const { text } = await this.open(address, { ajax: "1", action: "refresh", quantity_wanted: "1" });
    return shownProduct((JSON.parse(text) as { product_details: string }).product_details);
  }

  async logIn(user: string): Promise<this> {
    const [email = "", password = ""] = user.split(":");
    const login = await this.#address("authentication");
    const { text } = await this.open(login, { email, password, submitLogin: "1", back: "my-account" });
    if (!/"is_logged":true/.test(text)) throw new Error(`${email} could not log in at ${this.#base}: check PS_USERS`);
    this.#words = null;
    return this;
  }

  /** @param iso of a language that the shop speaks */
  async speak(iso: string): Promise<void> {
    const { text } = await this.open("/");
    const link = [...text.matchAll(/<link[^>]*href="([^"]+)"[^>]*hreflang="([\w-]+)"/g)].find(([, , lang]) =>
      lang?.startsWith(iso),
    );
    if (link?.[1] === undefined)
      throw new Error(`the shop has no language "${iso}": install it, this test needs en and fr`);
    this.#words = words((await this.open(link[1])).text);
  }

  async token(): Promise<{ token: string | null; sub?: string }> {
    return JSON.parse((await this.open("/index.php?fc=module&module=pricelane&controller=token")).text) as never;
  }

  /** @returns the cart as the shop tells it after so many more pieces of the variant "product-combination" */
  async add(variant: string, quantity: number): Promise<CartLine[]> {
    const [product = "", combination = ""] = variant.split("-");
    const { static_token } = await this.#shopWords();
    const { text } = await this.open(await this.#address("cart"), {
      token: static_token,
      id_product: product,
      id_product_attribute: combination,
      id_customization: "0",
      qty: String(quantity),
      add: "1",
      action: "update",
      ajax: "1",
      op: "up",
    });
    return cartLines(text);
  }

  /** Walks the order's steps up to the payments. @returns the payments' addresses, or why the shop sent back to the cart */
  async toPayment(): Promise<{ payments: string[] } | { refusal: string }> {
    const order = await this.#address("order");
    let page = await this.open(order);
    const steps = [
      /name="(id_address_delivery)"\s+value="(\d+)"/,
      /name="(delivery_option\[\d+\])"[^>]*value="([^"]+)"/,
    ];
    for (const step of steps) {
      const [, name, value] = step.exec(page.text) ?? [];
      if (name === undefined || value === undefined) continue;
      const confirm = name === "id_address_delivery" ? "confirm-addresses" : "confirmDeliveryOption";
      page = await this.open(order, { [name]: value, use_same_address: "1", [confirm]: "1", ...formToken(page.text) });
    }
    const payments = [...page.text.matchAll(/action="([^"]*validation[^"]*)"/g)].map(([, url]) => plain(url ?? ""));
    return payments.length > 0 ? { payments } : { refusal: told(page.text) };
  }

  /** @returns the number of the order, or why there is none */
  async pay(payment: string): Promise<{ order: string } | { refusal: string }> {
    const page = await this.open(payment, {});
    const order = /[?&]id_order=(\d+)/.exec(page.url)?.[1];
    return order === undefined ? { refusal: told(page.text) } : { order };
  }

  async #send(url: string, body: URLSearchParams | undefined): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { cookie, accept: body?.get("ajax") === "1" ? "application/json" : "text/html" };
    const form = body === undefined ? {} : { method: "POST", body };
    const response = await fetch(url, { redirect: "manual", headers, ...form });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      this.#cookies.set(name, value);
    }
    return response;
  }

  async #shopWords(): Promise<ShopWords> {
    this.#words ??= words((await this.open("/")).text);
    return this.#words;
  }

  async #address(page: string): Promise<string> {
    const address = (await this.#shopWords()).urls.pages[page];
    if (address === undefined) throw new Error(`the shop's pages have no "${page}"`);
    return address;
  }
}

/** What the theme's scripts are told of the shop. */
function words(html: string): ShopWords {
  const found = /var prestashop = (\{.*?\});\r?\n/s.exec(html)?.[1];
  if (found === undefined)
    throw new Error("this is no page of a PrestaShop: check PS_URL, and that the shop is enabled");
  return JSON.parse(found) as ShopWords;
}

/** @returns "product-combination price" of each product in a list, the price as printed */
export function listed(html: string): string[] {
  const cards = html.matchAll(/data-id-product="(\d+)"\s+data-id-product-attribute="(\d+)"([\s\S]*?)<\/article>/g);
  return [...cards].map(([, product, combination, card]) => {
    const price = /class="price"[^>]*>([\s\S]*?)<\/span>/.exec(card ?? "")?.[1];
    return `${product}-${combination} ${plain(price ?? "")}`;
  });
}

export interface ShownProduct {
  /** The combination's where it has one of its own. */
  readonly sku: string;
  readonly price: string;
  readonly rate: number;
  readonly has_discount: boolean;
}

function shownProduct(html: string): ShownProduct {
  const found = /data-product="([^"]*)"/.exec(html)?.[1];
  if (found === undefined) throw new Error("this is no page of a product of the theme classic");
  type Told = Omit<ShownProduct, "sku"> & { reference: string; attributes?: Record<string, { reference?: string }> };
  const told = JSON.parse(plain(found)) as Told;
  return { ...told, sku: Object.values(told.attributes ?? {})[0]?.reference || told.reference };
}

function cartLines(text: string): CartLine[] {
  type Row = { reference: string; quantity: number; price: string; rate: number };
  const answer = JSON.parse(text) as { cart?: { products: Row[] }; errors?: unknown };
  if (answer.cart === undefined)
    throw new Error(`the shop put nothing into the cart: ${JSON.stringify(answer.errors)}`);
  return answer.cart.products.map(({ reference, quantity, price, rate }) => ({
    reference,
    quantity: Number(quantity),
    cents: cents(price),
    rate: Number(rate),
  }));
}

/** @returns hundredths of a price with two decimals, however the language prints it; null where it is none */
export function cents(printed: string): number | null {
  const digits = printed.replace(/\D/g, "");
  return digits === "" ? null : Number(digits);
}

/** @returns what the cart's page tells the buyer */
function told(html: string): string {
  const boxes = html.matchAll(/<(article|div)[^>]*(?:alert-|notification)[^>]*>([\s\S]*?)<\/\1>/g);
  return [...boxes].map(([, , box]) => plain(box ?? "")).join(" ");
}

function formToken(html: string): Record<string, string> {
  const token = /name="token" value="([0-9a-f]+)"/.exec(html)?.[1];
  return token === undefined ? {} : { token };
}

function withQuery(address: string, query: Readonly<Record<string, string>>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url.href;
}

function plain(html: string): string {
  const entities: Record<string, string> = { quot: '"', amp: "&", "#039": "'", lt: "<", gt: ">", nbsp: " " };
  return html
    .replace(/<[^>]+>/g, " ")
    .replace(/&(quot|amp|#039|lt|gt|nbsp);/g, (_entity, name: string) => entities[name] ?? "")
    .replace(/\s+/g, " ")
    .trim();
}
