import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AnyShopGateway } from "../support/any-shop-gateway.js";
import { eventually } from "../support/eventually.js";
import { type Placed, WooCommerceVisitor } from "../support/woocommerce-visitor.js";

/**
 * Against a shop where the plugin is installed. With WOO_URL and WOO_USERS alone it only looks; with WOO_GATEWAY and WOO_SECRET it places
 * orders in a copy of a shop. docs/shops/woocommerce.md, "Trying it on a copy", says what the variables are and what the shop must have.
 */
const url = process.env["WOO_URL"];
const [first = "", second = ""] = (process.env["WOO_USERS"] ?? "").split(",");
const address = process.env["WOO_GATEWAY"];
const secret = process.env["WOO_SECRET"];
const classic = process.env["WOO_CLASSIC"];
const orders = url !== undefined && address !== undefined && secret !== undefined;
if (url === undefined)
  console.warn("\n  SKIPPED: a real WooCommerce. WOO_URL names none, and WOO_USERS no two customers of it\n");
else if (second === "") throw new Error("WOO_URL is set, so WOO_USERS must name two customers");
else if (!orders) console.warn("\n  SKIPPED in part: WOO_GATEWAY or WOO_SECRET is not set, nothing is ordered\n");
else if (classic === undefined)
  console.warn(
    "\n  SKIPPED in part: WOO_CLASSIC names no page of a classic checkout, orders go by the Store API alone\n",
  );

const patience = 120_000;
const risen = /has risen to|est passé à/;
const short = /Only 1 of .* are available|Seuls 1 de .* sont disponibles/;

let gateway: AnyShopGateway | null = null;
const guest = () => new WooCommerceVisitor(url ?? "", gateway);
const customer = (user: string) => guest().logIn(user);

describe.skipIf(url === undefined)("a real WooCommerce", { timeout: patience }, () => {
  beforeAll(async () => {
    if (address === undefined || secret === undefined) return;
    gateway = await AnyShopGateway.start(new URL(address), secret);
  }, patience);

  afterAll(() => gateway?.stop());

  beforeEach(() => gateway?.reset());

  test("shows interleaved visitors their own prices, keeps customers' pages out of caches, and asks four times a page at most", async () => {
    const visitors = [guest(), await customer(first), await customer(second)];
    for (let round = 0; round < 3; round += 1) {
      const seen = [];
      for (const visitor of visitors) {
        const products = await visitor.products();
        seen.push(...new Set(products.map(({ sku, cents }) => `${sku} ${cents}`)));
      }
      // The ERP may move its prices meanwhile; what nobody may meet is a price that another visitor was shown for the same SKU.
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThan(visitors.length);
    }
    for (const buyer of visitors.slice(1)) {
      for (const { sku, cents, regularCents } of await buyer.products()) expect(regularCents, sku).toBe(cents);
      for (const page of ["/?post_type=product", `/?p=${(await buyer.products())[0]?.id}`]) {
        expect((await buyer.open(page)).headers.get("cache-control"), page).toMatch(/no-store/);
      }
      expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
    }
  });

  test("gives the browser of each customer his own token, and a guest none", async () => {
    const [one, two] = [await (await customer(first)).token(), await (await customer(second)).token()];
    expect(one.sub).toMatch(/./);
    expect(two.sub).not.toBe(one.sub);
    expect((await guest().token()).token).toBeNull();
  });

  describe.skipIf(!orders)("where orders may be placed", { timeout: patience }, () => {
    let ids: number[];

    const own = (): AnyShopGateway => {
      if (gateway === null) throw new Error("the gateway did not start");
      return gateway;
    };

    beforeAll(async () => {
      const products = await (await customer(first)).products("&type=simple");
      ids = products.map(({ id }) => id);
      if (ids.length < 8) throw new Error("the shop must have eight simple products with an SKU each");
    }, patience);

    test("a cart of many quantities has the ERP's price at each of them, whoever buys beside", async () => {
      const buyers = [await customer(first), await customer(second)];
      for (const buyer of buyers) await buyer.emptyCart();
      for (const [n, id] of ids.slice(0, 8).entries()) {
        for (const buyer of buyers) await buyer.add(id, n + 1);
      }
      for (const buyer of buyers) {
        const code = await codeOf(buyer);
        const lines = await buyer.cart();
        expect(lines.length).toBe(8);
        for (const { sku, quantity, cents, regularCents } of lines) {
          expect([cents, regularCents], sku).toEqual(Array(2).fill(own().netCents(code, sku, quantity)));
        }
        expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
        await buyer.emptyCart();
      }
    });

    // Each at another price, since pages may still know the one before.
    const ways = [
      ["blocks", "123.45", /370[.,]35/],
      ["classic", "234.56", /703[.,]68/],
    ] as const;

    test.each(classic === undefined ? ways.slice(0, 1) : ways)(
      "an order by the %s is refused once price or stock moved, and placed at the ERP's price",
      async (way, net, total) => {
        const buyer = await customer(first);
        const code = await codeOf(buyer);
        const look = async () =>
          void (way === "classic" ? await buyer.lookAtClassic(classic ?? "") : await buyer.cart());
        const place = (): Promise<Placed> => (way === "classic" ? buyer.placeByClassic() : buyer.placeByBlocks());
        const raised = Number(net.replace(".", ""));
        await buyer.emptyCart();
        const [line] = await buyer.add(ids[0] ?? 0, 3);
        const sku = line?.sku ?? "";
        await look();

        own().setNet(code, sku, net);
        // Another window of his has seen the new price: the pages know it, and the checkout before him does not show it.
        const window = await customer(first);
        const seen = async () => (await window.products()).find((product) => product.sku === sku);
        await eventually("the pages know the new price", async () => (await seen())?.cents === raised);
        const refused = await place();
        expect(refused).toMatchObject({ refusal: expect.stringMatching(risen) });
        if (way === "classic") {
          expect(refused).toMatchObject({ isRefreshed: true });
          expect(await buyer.lookAtClassic(classic ?? "")).toMatch(total);
        }

        own().setStock(sku, "1");
        expect(await place()).toMatchObject({ refusal: expect.stringMatching(short) });

        own().setStock(sku, "500");
        await eventually("the pages know the new stock", async () => (await seen())?.most === 500);
        const placed = await place();
        const paid = { sku, quantity: 3, cents: raised, regularCents: raised };
        expect(placed).toMatchObject({ lines: [paid] });
        expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
      },
    );

    test("a guest buys at the shop's own price, and the gateway is asked nothing", async () => {
      const visitor = guest();
      const [line] = await visitor.add(ids[1] ?? 0, 1);
      expect(await visitor.placeByBlocks()).toMatchObject({ lines: [{ sku: line?.sku, cents: line?.cents }] });
      expect(visitor.mostQuestions).toBe(0);
    });

    // The last one, since the plugin spares a dead gateway for ten seconds.
    test("with a dead gateway customers see no price and order nothing, guests the shop's prices", async () => {
      const buyer = await customer(second);
      await buyer.emptyCart();
      await buyer.add(ids[0] ?? 0, 1);
      await buyer.cart();
      own().isDead = true;
      expect(await buyer.placeByBlocks()).toEqual({ refusal: expect.stringMatching(/./) });
      const seen = await buyer.products();
      expect(seen.length).toBeGreaterThan(0);
      expect(seen.filter(({ cents }) => cents !== null)).toEqual([]);
      expect((await buyer.open("/?post_type=product")).text).toMatch(/Price on request|Prix sur demande/);
      expect((await guest().products()).filter(({ cents }) => cents === null)).toEqual([]);
    });
  });
});

async function codeOf(buyer: WooCommerceVisitor): Promise<string> {
  const { sub } = await buyer.token();
  if (sub === undefined)
    throw new Error("a customer of WOO_USERS has no ERP customer code, or the plugin is not set up");
  return sub;
}
