import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownPrice } from "../scenario/book.js";
import { type Scenario, startScenario } from "../scenario/scenario.js";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../support/browser.js";
import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { WebShop } from "./web-shop.js";

const bundle = join(mkdtempSync(join(tmpdir(), "pricelane-web-")), "pricelane.mjs");
execFileSync(process.execPath, ["scripts/build-web.mjs", bundle]);
const script = readFileSync(bundle, "utf8");

const sessionOf = (customer: string) => ({
  token: buyer(customer),
  sub: customer,
  expiresAt: new Date(Date.now() + 300_000).toISOString(),
});
const amountOf = (customer: number, sku: number) =>
  new Intl.NumberFormat("en", { style: "currency", currency: "EUR" }).format(Number(ownPrice(customer, sku)));

describe("the bundle of the price element", () => {
  test("is below 5 kB, gzipped", () => {
    expect(gzipSync(script, { level: 9 }).length).toBeLessThan(5_000);
  });

  test("may be imported on a shop's server, where there is no page", async () => {
    const { logout, refresh } = (await import(pathToFileURL(bundle).href)) as Record<string, () => unknown>;
    expect(logout?.()).toBeUndefined();
    await expect(refresh?.()).resolves.toBeUndefined();
  });
});

describeWith("chromium", "prices on a page from a full-page cache", () => {
  let shop: WebShop;
  let scenario: Scenario;
  let browser: TestBrowser;
  beforeAll(async () => {
    shop = await WebShop.start(script);
    scenario = await startScenario({ CORS_ORIGINS: shop.origin });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await shop?.stop();
    await scenario?.stop();
  });
  beforeEach(() => {
    shop.gateway = scenario.gateway.url;
    shop.session = { token: null };
    shop.elements = [1, 2, 3]
      .map((sku) => `<p><pricelane-price data-sku="SKU-${sku}">guest ${sku}</pricelane-price></p>`)
      .join("");
  });

  async function open(): Promise<WatchedPage> {
    const watched = await browser.openPage();
    await watched.page.goto(shop.origin);
    return watched;
  }
  const settled = ({ page }: WatchedPage, state: string, count = 3) =>
    eventually(
      `${count} prices in the state ${state}`,
      async () => (await page.locator(`pricelane-price[state=${state}]`).count()) === count,
      { withinMs: 25_000 },
    );
  const told = ({ page }: WatchedPage) =>
    page.evaluate<string[]>(
      `[...document.querySelectorAll("pricelane-price")].map((each) =>
        each.shadowRoot.querySelector("slot").hidden ? each.shadowRoot.textContent : each.textContent)`,
    );
  const queries = ({ requested }: WatchedPage) =>
    requested.filter((address) => address.startsWith(scenario.gateway.url)).length;

  test("a guest keeps what the shop wrote, and the gateway is not asked", async () => {
    const watched = await open();
    await settled(watched, "guest");
    expect(await told(watched)).toEqual(["guest 1", "guest 2", "guest 3"]);
    expect(queries(watched)).toBe(0);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });

  test("two customers and a guest after one another see their own prices alone, by one query a page", async () => {
    for (const customer of [1, 2, null, 1]) {
      shop.session = customer === null ? { token: null } : sessionOf(`C${customer}`);
      const watched = await open();
      await settled(watched, customer === null ? "guest" : "own");
      const own = (sku: number) => (customer === null ? `guest ${sku}` : amountOf(customer, sku));
      expect(await told(watched)).toEqual([own(1), own(2), own(3)]);
      // A preflight is told by no event of the page; what is counted are the questions.
      expect(queries(watched)).toBe(customer === null ? 0 : 1);
      expect(watched.complaints).toEqual([]);
      await watched.page.close();
    }
  });

  test("an answer under way for the customer before is discarded", async () => {
    shop.session = sessionOf("C1");
    const watched = await browser.openPage();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let questions = 0;
    let freed = () => {};
    const first = new Promise<void>((resolve) => {
      freed = resolve;
    });
    await watched.page.route("**/graphql", async (route) => {
      questions += 1;
      if (questions > 1) return route.continue();
      freed();
      await held;
      return route.continue().catch(() => {});
    });
    await watched.page.goto(shop.origin);
    await first;
    shop.session = sessionOf("C2");
    await watched.page.evaluate(`import("/pricelane.js").then(({ refresh }) => refresh())`);
    release();
    await settled(watched, "own");
    expect(await told(watched)).toEqual([amountOf(2, 1), amountOf(2, 2), amountOf(2, 3)]);
    await watched.page.close();
  });

  test("logout brings back the guest's prices at once", async () => {
    shop.session = sessionOf("C1");
    const watched = await open();
    await settled(watched, "own");
    await watched.page.evaluate(`import("/pricelane.js").then(({ logout }) => logout())`);
    expect(await told(watched)).toEqual(["guest 1", "guest 2", "guest 3"]);
    await settled(watched, "guest");
    expect(queries(watched)).toBe(1);
    await watched.page.close();
  });

  test("with the gateway dead a customer reads that the price is on request; a guest keeps his", async () => {
    shop.gateway = "http://127.0.0.1:9";
    shop.session = sessionOf("C1");
    const customer = await open();
    await settled(customer, "on-request");
    expect(new Set(await told(customer))).toEqual(new Set(["Price on request"]));
    await customer.page.close();
    shop.session = { token: null };
    const guest = await open();
    await settled(guest, "guest");
    await guest.page.close();
  });

  test("a token that is no longer good is replaced once", async () => {
    shop.session = { ...sessionOf("C1"), token: "no-token" };
    const watched = await browser.openPage();
    await watched.page.route("**/graphql", (route) => {
      shop.session = sessionOf("C1");
      return route.continue();
    });
    await watched.page.goto(shop.origin);
    await settled(watched, "own");
    expect(await told(watched)).toContain(amountOf(1, 1));
    await watched.page.close();
  });

  test("a last known price is labelled unless it is only read again, and a price for another audience than the asker's is none", async () => {
    shop.session = sessionOf("C1");
    const watched = await browser.openPage();
    await watched.page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      // A page in a browser may be older than the gateway: a reason that it does not know is one, too.
      const told = (await response.text())
        .replace(/("sku":"SKU-1".*?"staleReason":)null/, '$1"A_LATER_REASON"')
        .replace(/("sku":"SKU-3".*?"staleReason":)null/, '$1"REVALIDATING"')
        .replace(/("sku":"SKU-2".*?"audience":)"CUSTOMER"/, '$1"PUBLIC"');
      return route.fulfill({ response, body: told });
    });
    await watched.page.goto(shop.origin);
    await settled(watched, "own", 1);
    const [first, second, third] = await told(watched);
    expect(first).toContain(`${amountOf(1, 1)}last known `);
    expect([second, third]).toEqual(["Price on request", amountOf(1, 3)]);
    await watched.page.close();
  });

  test("reads well for assistive technology, from right to left too, with ladders and tax told", async () => {
    shop.session = sessionOf("C3");
    shop.elements = `<div lang="fr" dir="rtl"><pricelane-price data-sku="SKU-1" data-tax="gross" data-tax-label
      data-ladder data-quantity="5">guest</pricelane-price></div>`;
    const watched = await open();
    await settled(watched, "own", 1);
    expect((await told(watched))[0]).toMatch(/€ TTC$/);
    await watched.page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
    const violations = await watched.page.evaluate<string[]>(
      "axe.run().then(({ violations }) => violations.map(({ id }) => id))",
    );
    expect(violations).toEqual([]);
    await watched.page.close();
  });
});
