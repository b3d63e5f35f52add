import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { AnyShopGateway } from "../support/any-shop-gateway.js";
import { eventually } from "../support/eventually.js";
import { describeReal } from "../support/real-erp.js";
import { type Placed, WooCommerceVisitor } from "../support/woocommerce-visitor.js";

/**
 * Against a shop where the plugin is installed. With WOO_URL and WOO_USERS alone it only looks; with WOO_GATEWAY and WOO_SECRET it places
 * orders in a copy of a shop. docs/shops/woocommerce.md, "Trying it on a copy", says what the variables are and what the shop must have.
 */
const [url, users, address, secret, classic] = ["URL", "USERS", "GATEWAY", "SECRET", "CLASSIC"].map(
  (name) => process.env[`WOO_${name}`] ?? "",
) as [string, string, string, string, string];
const [first = "", second = ""] = users.split(",");
const toLook = ["WOO_URL", "WOO_USERS"];
const toOrder = [...toLook, "WOO_GATEWAY", "WOO_SECRET"];

const patience = 120_000;
vi.setConfig({ testTimeout: patience, hookTimeout: patience });
const risen = /has risen to|est passé à/;
const short = /Only 1 of .* available|Quantité disponible de .* : 1 seulement/;

/** The test's own; null where the shop asks another. */
let gateway: AnyShopGateway | null = null;

const guest = () => new WooCommerceVisitor(url, gateway);
const customer = (user: string) => guest().logIn(user);
const own = (): AnyShopGateway => {
  if (gateway === null) throw new Error("the gateway did not start");
  return gateway;
};

beforeAll(async () => {
  if (url !== "" && second === "") throw new Error("WOO_USERS must name two customers: name:password,name:password");
  if (toOrder.every((name) => (process.env[name] ?? "") !== ""))
    gateway = await AnyShopGateway.start(new URL(address), secret);
});

afterAll(() => gateway?.stop());

beforeEach(() => gateway?.reset());

describeReal(toLook, "a real WooCommerce", () => {
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
      const products = await buyer.products();
      for (const { sku, cents, regularCents } of products) expect(regularCents, sku).toBe(cents);
      for (const page of ["/?post_type=product", `/?p=${products[0]?.id}`]) {
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
});

describeReal(toOrder, "a copy of a WooCommerce, with orders", () => {
  test("a cart of many quantities has the ERP's price at each of them, whoever buys beside", async () => {
    const ids = await simpleProducts();
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

  test("an order by the blocks is refused once price or stock moved, and placed at the ERP's price", async () => {
    const buyer = await customer(first);
    await movedAndPlaced(
      buyer,
      "123.45",
      () => buyer.cart(),
      () => buyer.placeByBlocks(),
    );
  });

  test("a guest buys at the shop's own price, and the gateway is asked nothing", async () => {
    const [id = 0] = await simpleProducts();
    const visitor = guest();
    const [line] = await visitor.add(id, 1);
    expect(await visitor.placeByBlocks()).toMatchObject({ lines: [{ sku: line?.sku, cents: line?.cents }] });
    expect(visitor.mostQuestions).toBe(0);
  });
});

describeReal([...toOrder, "WOO_CLASSIC"], "a copy of a WooCommerce with a classic checkout", () => {
  test("an order is refused once price or stock moved, beside the new total, and placed at the ERP's price", async () => {
    const buyer = await customer(first);
    // Another price than by the blocks: pages may still know that one.
    const refused = await movedAndPlaced(
      buyer,
      "234.56",
      () => buyer.lookAtClassic(classic),
      () => buyer.placeByClassic(),
    );
    expect(refused).toMatchObject({ isRefreshed: true });
  });
});

describeReal(toOrder, "a copy of a WooCommerce without a gateway", () => {
  // The last one, since the plugin spares a dead gateway for ten seconds.
  test("customers see no price and order nothing, guests see the shop's prices", async () => {
    const [id = 0] = await simpleProducts();
    const buyer = await customer(second);
    await buyer.emptyCart();
    await buyer.add(id, 1);
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

/** @param net above every price of the test's ERP. @returns what the first attempt was answered, after the price rose */
async function movedAndPlaced(
  buyer: WooCommerceVisitor,
  net: string,
  look: () => Promise<unknown>,
  place: () => Promise<Placed>,
): Promise<Placed> {
  const [id = 0] = await simpleProducts();
  const code = await codeOf(buyer);
  const raised = Number(net.replace(".", ""));
  await buyer.emptyCart();
  const [line] = await buyer.add(id, 3);
  const sku = line?.sku ?? "";
  await look();

  own().setNet(code, sku, net);
  // Another window of his has seen the new price: the pages know it, and the checkout before him does not show it.
  const window = await customer(first);
  const seen = async () => (await window.products()).find((product) => product.sku === sku);
  await eventually("the pages know the new price", async () => (await seen())?.cents === raised);
  const refused = await place();
  expect(refused).toMatchObject({ refusal: expect.stringMatching(risen) });

  own().setStock(sku, "1");
  expect(await place()).toMatchObject({ refusal: expect.stringMatching(short) });

  own().setStock(sku, "500");
  await eventually("the pages know the new stock", async () => (await seen())?.most === 500);
  expect(await place()).toMatchObject({ lines: [{ sku, quantity: 3, cents: raised, regularCents: raised }] });
  expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
  return refused;
}

async function simpleProducts(): Promise<number[]> {
  const products = await (await customer(first)).products("&type=simple");
  if (products.length < 8) throw new Error("the shop must have eight simple products with an SKU each");
  return products.map(({ id }) => id);
}

async function codeOf(buyer: WooCommerceVisitor): Promise<string> {
  const { sub } = await buyer.token();
  if (sub === undefined)
    throw new Error("a customer of WOO_USERS has no ERP customer code, or the plugin is not set up");
  return sub;
}
