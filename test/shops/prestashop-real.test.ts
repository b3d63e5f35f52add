import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { AnyShopGateway } from "../support/any-shop-gateway.js";
import { cents, listed, PrestaShopVisitor } from "../support/prestashop-visitor.js";

/**
 * Against a copy of a shop where the module is installed, on this machine: it places orders and moves the shop's stock.
 * docs/shops/prestashop.md, "Trying it on a copy", says what the variables are and what the shop must have.
 */
const url = process.env["PS_URL"];
const settings = ["PS_USERS", "PS_GATEWAY", "PS_SECRET"].map((name) => process.env[name] ?? "");
const [users, address, secret] = settings as [string, string, string];
const apiKey = process.env["PS_API_KEY"];
if (url === undefined) console.warn("\n  SKIPPED: a real PrestaShop. PS_URL names none\n");
else if (settings.includes("")) throw new Error("PS_URL is set, so PS_USERS, PS_GATEWAY and PS_SECRET must be, too");
else if (apiKey === undefined)
  console.warn("\n  SKIPPED in part: PS_API_KEY is not set, the shop's tables are not read\n");

const patience = 120_000;
const languages = [
  { iso: "en", risen: /has risen to/, short: /Only 1 of .* available/, unpriced: /price on request/i },
  { iso: "fr", risen: /est passé à/, short: /Quantité disponible de .* : 1 seulement/, unpriced: /prix sur demande/i },
] as const;

describe.skipIf(url === undefined)("a real PrestaShop", { timeout: patience }, () => {
  let gateway: AnyShopGateway;
  let variants: string[];
  const [first = "", second = ""] = users.split(",");

  const guest = () => new PrestaShopVisitor(url ?? "", gateway);
  const customer = (user: string) => guest().logIn(user);

  beforeAll(async () => {
    gateway = await AnyShopGateway.start(new URL(address), secret);
    for (const user of [first, second]) {
      const { sub } = await (await customer(user)).token();
      if (sub === undefined)
        throw new Error(`${user.split(":")[0]} has no ERP customer code, or the module is not set up`);
      gateway.knows(sub);
    }
    const list = await guest().go("category", { id_category: "2" });
    variants = listed(list.text).map((line) => line.split(" ")[0] ?? "");
    if (variants.length < 8) throw new Error("the shop's first category must list eight products or more");
  }, patience);

  afterAll(async () => {
    await gateway?.stop();
  });

  beforeEach(() => gateway.reset());

  test("interleaved visitors meet their own prices alone, on pages that no cache keeps, in four questions at most", async () => {
    const visitors = [guest(), await customer(first), await customer(second)];
    const pages = [
      ["index", {}],
      ["category", { id_category: "2" }],
      ["new_products", {}],
      ["index", {}],
    ] as const;
    for (const [page, query] of pages) {
      const seen: string[] = [];
      for (const visitor of visitors) {
        const { text, headers } = await visitor.go(page, query);
        const prices = new Set(listed(text));
        expect(prices.size).toBeGreaterThan(0);
        seen.push(...prices);
        expect(headers.get("cache-control")).toMatch(/no-store/);
      }
      // The ERP prices every SKU differently for everybody: whatever two visitors both met was somebody else's.
      expect(seen.filter((price, n) => seen.indexOf(price) !== n)).toEqual([]);
    }
    expect(visitors[0]?.mostQuestions).toBe(0);
    for (const { mostQuestions } of visitors.slice(1)) expect(mostQuestions).toBeLessThanOrEqual(4);
  });

  test("a product and its combinations show the ERP's price with the shop's tax, whole and refreshed", async () => {
    for (const user of [first, second]) {
      const visitor = await customer(user);
      const code = (await visitor.token()).sub ?? "";
      for (const variant of variants.slice(0, 5)) {
        for (const way of ["whole", "refreshed"] as const) {
          const shown = await visitor.product(variant, way);
          expect(shown.has_discount, variant).toBe(false);
          expect(cents(shown.price), variant).toBe(gross(gateway.netCents(code, shown.sku), shown.rate));
        }
      }
      expect(visitor.mostQuestions).toBeLessThanOrEqual(4);
    }
  });

  test("a cart of many quantities has the ERP's price at each of them, whoever buys beside", async () => {
    const buyers = [await customer(first), await customer(second)];
    for (const [n, variant] of variants.slice(0, 8).entries()) {
      for (const buyer of buyers) await buyer.add(variant, n + 1);
    }
    for (const buyer of buyers) {
      const code = (await buyer.token()).sub ?? "";
      const lines = await buyer.add(variants[0] ?? "", 5);
      expect(lines.length).toBe(8);
      for (const { reference, quantity, cents: shown, rate } of lines) {
        expect(shown, reference).toBe(gross(gateway.netCents(code, reference, quantity), rate));
      }
      expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
    }
  });

  test.each(languages)(
    "an order is refused in $iso once price or stock moved, and placed at the ERP's price",
    async (words) => {
      const kinds = [/wirepayment/, /checkpayment/];
      for (const kind of kinds) {
        const buyer = await customer(first);
        await buyer.speak(words.iso);
        const code = (await buyer.token()).sub ?? "";
        const [line] = await buyer.add(variants[0] ?? "", 3);
        const reference = line?.reference ?? "";
        const payment = payBy(await buyer.toPayment(), kind);

        gateway.setNet(code, reference, "123.45");
        expect(await buyer.pay(payment)).toEqual({ refusal: expect.stringMatching(words.risen) });
        payBy(await buyer.toPayment(), kind);

        gateway.setStock(reference, "1");
        expect(await buyer.pay(payment)).toEqual({ refusal: expect.stringMatching(words.short) });
        expect(await buyer.toPayment()).toEqual({ refusal: expect.stringMatching(words.short) });

        gateway.setStock(reference, "500");
        payBy(await buyer.toPayment(), kind);
        const placed = await buyer.pay(payment);
        expect(placed).toEqual({ order: expect.stringMatching(/^\d+$/) });
        if ("order" in placed && apiKey !== undefined)
          expect(await orderLines(placed.order)).toEqual([[reference, 12_345, 0]]);
        expect(buyer.mostQuestions).toBeLessThanOrEqual(4);
        gateway.reset();
      }
    },
  );

  test("who comes straight to a payment is sent to the order page, and nothing is ordered", async () => {
    const buyer = await customer(first);
    await buyer.speak("en");
    await buyer.add(variants[0] ?? "", 1);
    const payment = payBy(await buyer.toPayment(), /wirepayment/);
    await buyer.add(variants[1] ?? "", 1);
    expect(await buyer.pay(payment)).toEqual({ refusal: expect.stringMatching(/review your order/) });
  });

  test.skipIf(apiKey === undefined)("the webservice tells the shop's own price and asks nothing", async () => {
    const { product } = (await readApi(`products/${(variants[0] ?? "").split("-")[0]}`)) as {
      product: { price: string };
    };
    expect(Number(product.price)).toBeGreaterThan(0);
    expect(gateway.questions).toEqual([]);
  });

  // The last one, since the module spares a dead gateway for twenty seconds.
  test("with a dead gateway customers see a price on request and order nothing, guests the shop's prices", async () => {
    const buyers = [];
    for (const words of languages) {
      const buyer = await customer(second);
      await buyer.speak(words.iso);
      await buyer.add(variants[0] ?? "", 1);
      buyers.push({ buyer, words, payment: payBy(await buyer.toPayment(), /wirepayment/) });
    }
    gateway.isDead = true;
    for (const { buyer, words, payment } of buyers) {
      const list = listed((await buyer.go("category", { id_category: "2" })).text);
      expect(list.length).toBeGreaterThan(0);
      expect(list.filter((line) => !words.unpriced.test(line))).toEqual([]);
      expect(cents((await buyer.product(variants[0] ?? "", "whole")).price)).toBeNull();
      expect(await buyer.pay(payment)).toEqual({ refusal: expect.stringMatching(words.unpriced) });
      expect(await buyer.toPayment()).toEqual({ refusal: expect.stringMatching(words.unpriced) });
    }
    const seen = listed((await guest().go("category", { id_category: "2" })).text);
    expect(seen.filter((line) => cents(line.split(" ").slice(1).join(" ")) === null)).toEqual([]);
  });
});

function payBy(way: { payments: string[] } | { refusal: string }, kind: RegExp): string {
  const payment = "payments" in way ? way.payments.find((one) => kind.test(one)) : undefined;
  if (payment === undefined) throw new Error(`no payment ${kind} was offered: ${JSON.stringify(way)}`);
  return payment;
}

/** Half a cent is rounded up, as the shop does unless set otherwise. @param rate of tax, in percent */
function gross(netCents: number, rate: number): number {
  return Math.round((netCents * (1_000 + Math.round(rate * 10))) / 1_000);
}

/** @returns reference, net of a piece in hundredths, and the shop's own reduction in percent, of each line */
async function orderLines(order: string): Promise<[string, number, number][]> {
  type Row = { product_reference: string; unit_price_tax_excl: string; reduction_percent: string };
  const query = `order_details?filter[id_order]=${order}&display=[product_reference,unit_price_tax_excl,reduction_percent]`;
  const { order_details } = (await readApi(query)) as { order_details: Row[] };
  return order_details.map((row) => [
    row.product_reference,
    Math.round(Number(row.unit_price_tax_excl) * 100),
    Number(row.reduction_percent),
  ]);
}

async function readApi(query: string): Promise<unknown> {
  const headers = { authorization: `Basic ${Buffer.from(`${apiKey}:`).toString("base64")}` };
  const response = await fetch(`${url}/api/${query}${query.includes("?") ? "&" : "?"}output_format=JSON`, { headers });
  if (!response.ok)
    throw new Error(`the webservice answered ${response.status} to ${query}: check PS_API_KEY and its rights`);
  return response.json();
}
