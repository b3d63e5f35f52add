import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { freePort } from "../support/free-port.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { describeWith, parts } from "../support/parts.js";
import { PortFake } from "../support/port-fake.js";

const run = promisify(execFile);
const secret = "a-secret-of-the-shop-of-32-bytes-or-more";

interface PageAnswer {
  readonly answers: readonly [string | null, string, string, string | null, string | null][];
  readonly calls: number;
  readonly error: string | null;
  readonly ms: number;
}
interface CartAnswer {
  readonly verdict?: string;
  readonly quote?: string | null;
  readonly messages?: readonly [string, unknown][];
  readonly error?: string;
}
interface ShopAnswer {
  readonly pages: PageAnswer[];
  readonly cart: CartAnswer | null;
  /** What is wrong with the connection; null where nothing is. */
  readonly connection: string | null;
}
type Ask = readonly [customer: string | null, sku: string, quantity: string];

async function askAsShop(question: {
  readonly url: string;
  readonly pages: readonly { readonly asks: readonly Ask[] }[];
  readonly timeoutMs?: number;
  readonly cart?: unknown;
}): Promise<ShopAnswer> {
  const argument = JSON.stringify({ secret, timeoutMs: 800, ...question });
  const { stdout } = await run(parts.php ?? "", ["test/shops/prestashop/php/ask-gateway.php", argument]);
  return JSON.parse(stdout) as ShopAnswer;
}

describeWith("phpunit", "the PrestaShop module by itself", () => {
  test("keeps the promises of its own PHP tests", async () => {
    const { stdout } = await run(parts.phpunit ?? "", [
      "--no-configuration",
      "--do-not-cache-result",
      "test/shops/prestashop/php",
    ]).catch((error: { stdout: string }) => Promise.reject(new Error(error.stdout)));
    expect(stdout).toMatch(/OK \(\d{2,} tests/);
  });

  test("every file of it is PHP without a mistake of syntax", async () => {
    const folder = "shops/prestashop/pricelane";
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".php"));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      const { stdout } = await run(parts.php ?? "", ["-l", `${folder}/${file}`]);
      expect(stdout).toContain("No syntax errors");
    }
  });
});

describeWith("phpunit", "the PrestaShop module's client and a real gateway", () => {
  let erp: PortFake;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    erp = await PortFake.start();
    for (const [customer, net] of [
      ["C1", "10.00"],
      ["C2", "7.123456"],
    ] as const) {
      erp.customers.set(customer, { currency: "EUR" });
      const tiers = [
        { from: "1", unitPrice: net },
        { from: "10", unitPrice: "6.50" },
      ];
      erp.prices.set(`${customer}|A`, { unitPrice: net, tiers });
      erp.prices.set(`${customer}|B`, { unitPrice: `1${net}` });
    }
    erp.prices.set("|A", { unitPrice: "15.00" });
    erp.prices.set("|B", { unitPrice: "25.00" });
    for (const sku of ["A", "B"]) erp.stock.set(sku, { warehouses: { main: "4" } });
    gateway = await GatewayProcess.start({
      ERP_CONNECTOR: "port",
      ERP_URL: erp.url,
      AUTH_SECRETS: `shop-1:${secret}`,
    });
  });

  afterAll(async () => {
    await gateway?.stop();
    await erp?.stop();
  });

  test("interleaved customers get their own prices only, a page in one question", async () => {
    const page = (customer: string | null) => ({
      asks: [[customer, "A", "1"] as const, [customer, "B", "1"] as const, [customer, "A", "10"] as const],
    });
    const order = ["C1", "C2", null, "C1", null, "C2"];
    const { pages } = await askAsShop({ url: `${gateway.url}/graphql`, pages: order.map(page) });
    const expected: Readonly<Record<string, readonly (string | null)[]>> = {
      C1: ["10.00", "110.00", "6.50"],
      C2: ["7.123456", "17.123456", "6.50"],
      public: ["15.00", "25.00", "15.00"],
    };
    expect(pages.map(({ answers }) => answers.map(([, , , net]) => net))).toEqual(
      order.map((customer) => expected[customer ?? "public"]),
    );
    expect(pages.map(({ calls }) => calls)).toEqual(order.map(() => 1));
  });

  test("the connection test passes where the gateway takes the key, and says what is wrong elsewhere", async () => {
    const good = await askAsShop({ url: `${gateway.url}/graphql`, pages: [] });
    expect(good.connection).toBeNull();
    const lost = await askAsShop({ url: `${gateway.url}/elsewhere`, pages: [] });
    expect(lost.connection).toMatch(/The gateway cannot be used: .*404/);
  });

  test("an SKU or a customer that the ERP does not know has no price, and a customer sees quantities", async () => {
    const asks: Ask[] = [
      ["C1", "A", "1"],
      ["C1", "NONE", "1"],
      ["C9", "A", "1"],
    ];
    const { pages } = await askAsShop({ url: `${gateway.url}/graphql`, pages: [{ asks }] });
    expect(pages[0]?.answers.map(([, , , net]) => net)).toEqual(["10.00", null, null]);
    expect(pages[0]?.answers[0]?.[4]).toBe("4");
  });

  test("a cart is accepted at the price shown, and refused in words once price or stock moved", async () => {
    const cart = (quantity: string, shown: string) => ({
      customer: "C1",
      lines: [{ key: "1-0-0", sku: "A", quantity, shown }],
    });
    const url = `${gateway.url}/graphql`;
    const good = await askAsShop({ url, pages: [], cart: cart("2", "10.00") });
    expect(good.cart).toMatchObject({ verdict: "ACCEPT", messages: [] });
    expect(good.cart?.quote).toEqual(expect.any(String));
    const raised = await askAsShop({ url, pages: [], cart: cart("6", "9.00") });
    expect(raised.cart?.verdict).toBe("NEEDS_CONSENT");
    expect(raised.cart?.messages?.map(([key]) => key)).toEqual(
      expect.arrayContaining(["cart.price_raised", "cart.stock_partial"]),
    );
  });

  test("a gateway that is down or silent costs three time-outs, then pages go on without it", async () => {
    let asked = 0;
    const silent = createServer((socket) => {
      asked += 1;
      socket.resume();
    });
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const pages = Array.from({ length: 6 }, () => ({ asks: [["C1", "A", "1"] as const] }));
    const slow = await askAsShop({ url: `http://127.0.0.1:${port}/graphql`, pages, timeoutMs: 300 });
    expect(slow.pages.map(({ answers }) => answers[0]?.[3])).toEqual(pages.map(() => null));
    for (const { ms } of slow.pages.slice(0, 3)) expect(ms).toBeGreaterThanOrEqual(290);
    for (const { error } of slow.pages.slice(3)) expect(error).toContain("asked again in a few seconds");
    expect(asked).toBe(3);
    await new Promise((resolve) => silent.close(resolve));
    const dead = await askAsShop({ url: `http://127.0.0.1:${await freePort()}/graphql`, pages: pages.slice(0, 1) });
    expect(dead.pages[0]?.error).toContain("did not answer in time");
  });
});
