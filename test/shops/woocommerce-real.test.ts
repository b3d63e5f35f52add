import { expect, test } from "vitest";
import { describeReal } from "../support/real-erp.js";

/**
 * Against a shop where the plugin is installed: WOO_URL is its address, WOO_USERS two customers with a code each, who pay differently for every product, as `name:password,name:password`.
 * Nothing is ordered.
 */
const url = process.env["WOO_URL"];
const [first = "", second = ""] = (process.env["WOO_USERS"] ?? "").split(",");

class Visitor {
  readonly #cookies = new Map<string, string>();

  async get(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const response = await fetch(`${url}${path}`, { redirect: "manual", ...init, headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [name = "", value = ""] = (line.split(";")[0] ?? "").split(/=(.*)/s);
      this.#cookies.set(name, value);
    }
    return response;
  }

  async logIn(user: string): Promise<this> {
    const [name = "", password = ""] = user.split(":");
    await this.get("/wp-login.php");
    const form = new URLSearchParams({ log: name, pwd: password, testcookie: "1" });
    const answer = await this.get("/wp-login.php", { method: "POST", body: form });
    if (answer.status !== 302) throw new Error(`${name} could not log in at ${url}: check WOO_USERS`);
    return this;
  }

  async token(): Promise<{ token: string | null; sub?: string }> {
    return (await (await this.get("/?wc-ajax=pricelane_token")).json()) as { token: string | null; sub?: string };
  }

  /** "SKU price" of each product with an SKU, as the Store API shows them; customers are to be taken whose prices all differ. */
  async prices(): Promise<string[]> {
    const answer = await this.get("/?rest_route=/wc/store/v1/products&per_page=50");
    const products = (await answer.json()) as { sku: string; prices: { price: string } }[];
    return products.filter(({ sku }) => sku !== "").map(({ sku, prices }) => `${sku} ${prices.price}`);
  }
}

describeReal(["WOO_URL", "WOO_USERS"], "a real WooCommerce", () => {
  test("shows interleaved visitors their own prices, and keeps customers' pages out of caches", async () => {
    const visitors = [new Visitor(), await new Visitor().logIn(first), await new Visitor().logIn(second)];
    for (let round = 0; round < 3; round += 1) {
      const seen = [];
      for (const visitor of visitors) seen.push(...new Set(await visitor.prices()));
      // The ERP may move its prices meanwhile; what nobody may meet is a price that another visitor was shown for the same SKU.
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThan(visitors.length);
    }
    for (const customer of visitors.slice(1)) {
      const page = await customer.get("/?post_type=product");
      expect(page.headers.get("cache-control")).toMatch(/no-store/);
    }
  });

  test("gives the browser of each customer his own token, and a guest none", async () => {
    const [one, two] = [
      await (await new Visitor().logIn(first)).token(),
      await (await new Visitor().logIn(second)).token(),
    ];
    expect(one.sub).toMatch(/./);
    expect(two.sub).not.toBe(one.sub);
    expect((await new Visitor().token()).token).toBeNull();
  });
});
