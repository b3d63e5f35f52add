import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownPrice } from "../../scenario/book.js";
import type { WatchedPage } from "../../support/browser.js";
import { eventually } from "../../support/eventually.js";
import { describeWith } from "../../support/parts.js";
import { buildBundles, sessionOf, violationsOf, WebStage } from "./web-stage.js";

const amountOf = (customer: number, sku: number) =>
  new Intl.NumberFormat("en", { style: "currency", currency: "EUR" }).format(Number(ownPrice(customer, sku)));

describe("the bundles of the elements", () => {
  const folder = buildBundles();

  test("are below 5 kB gzipped for prices alone, below 6 kB with stock", () => {
    const sizeOf = (file: string) => gzipSync(readFileSync(join(folder, file)), { level: 9 }).length;
    expect(sizeOf("pricelane.js")).toBeLessThan(5_000);
    expect(sizeOf("pricelane-stock.js")).toBeLessThan(6_000);
  });

  test.each(["pricelane.js", "pricelane-stock.js"])(
    "%s may be imported on a shop's server, where there is no page",
    async (file) => {
      const bundle = (await import(pathToFileURL(join(folder, file)).href)) as Record<string, () => unknown>;
      expect(bundle["logout"]?.()).toBeUndefined();
      await expect(bundle["refresh"]?.()).resolves.toBeUndefined();
    },
  );
});

describeWith("chromium", "prices on a page from a full-page cache", () => {
  let stage: WebStage;
  beforeAll(async () => {
    stage = await WebStage.start("pricelane.js");
  });
  afterAll(() => stage?.stop());
  beforeEach(() => {
    stage.reset(
      [1, 2, 3].map((sku) => `<p><pricelane-price data-sku="SKU-${sku}">guest ${sku}</pricelane-price></p>`).join(""),
    );
  });
  const settled = (watched: WatchedPage, state: string, count = 3) => stage.settled(watched, state, count);
  const told = (watched: WatchedPage) => stage.told(watched);
  const queries = (watched: WatchedPage) => stage.queries(watched);
  const open = () => stage.open();

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
      stage.shop.session = customer === null ? { token: null } : sessionOf(`C${customer}`);
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
    stage.shop.session = sessionOf("C1");
    const watched = await stage.browser.openPage();
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
    await watched.page.goto(stage.shop.origin);
    await first;
    stage.shop.session = sessionOf("C2");
    await stage.call(watched, "refresh");
    release();
    await settled(watched, "own");
    expect(await told(watched)).toEqual([amountOf(2, 1), amountOf(2, 2), amountOf(2, 3)]);
    await watched.page.close();
  });

  test("logout brings back the guest's prices at once", async () => {
    stage.shop.session = sessionOf("C1");
    const watched = await open();
    await settled(watched, "own");
    await stage.call(watched, "logout");
    expect(await told(watched)).toEqual(["guest 1", "guest 2", "guest 3"]);
    await settled(watched, "guest");
    expect(queries(watched)).toBe(1);
    await watched.page.close();
  });

  test("with the gateway dead a customer reads that the price is on request; a guest keeps his", async () => {
    stage.shop.gateway = "http://127.0.0.1:9";
    stage.shop.session = sessionOf("C1");
    const customer = await open();
    await settled(customer, "on-request");
    expect(new Set(await told(customer))).toEqual(new Set(["Price on request"]));
    await customer.page.close();
    stage.shop.session = { token: null };
    const guest = await open();
    await settled(guest, "guest");
    await guest.page.close();
  });

  test("a token that is no longer good is replaced once", async () => {
    stage.shop.session = { ...sessionOf("C1"), token: "no-token" };
    const watched = await stage.browser.openPage();
    await watched.page.route("**/graphql", (route) => {
      stage.shop.session = sessionOf("C1");
      return route.continue();
    });
    await watched.page.goto(stage.shop.origin);
    await settled(watched, "own");
    expect(await told(watched)).toContain(amountOf(1, 1));
    await watched.page.close();
  });

  test("a last known price is labelled unless it is only read again, and a price for another audience than the asker's is none", async () => {
    stage.shop.session = sessionOf("C1");
    const watched = await stage.browser.openPage();
    await watched.page.route("**/graphql", async (route) => {
      const response = await route.fetch();
      // A page in a browser may be older than the gateway: a reason that it does not know is one, too.
      const told = (await response.text())
        .replace(/("sku":"SKU-1".*?"staleReason":)null/, '$1"A_LATER_REASON"')
        .replace(/("sku":"SKU-3".*?"staleReason":)null/, '$1"REVALIDATING"')
        .replace(/("sku":"SKU-2".*?"audience":)"CUSTOMER"/, '$1"PUBLIC"');
      return route.fulfill({ response, body: told });
    });
    await watched.page.goto(stage.shop.origin);
    await settled(watched, "own", 1);
    const [first, second, third] = await told(watched);
    expect(first).toContain(`${amountOf(1, 1)}last known `);
    expect([second, third]).toEqual(["Price on request", amountOf(1, 3)]);
    await watched.page.close();
  });

  test("reads well for assistive technology, from right to left too, with ladders and tax told", async () => {
    stage.shop.session = sessionOf("C3");
    stage.shop.elements = `<div lang="fr" dir="rtl"><pricelane-price data-sku="SKU-1" data-tax="gross" data-tax-label
      data-ladder data-quantity="5">guest</pricelane-price></div>`;
    const watched = await open();
    await settled(watched, "own", 1);
    expect((await told(watched))[0]).toMatch(/€ TTC$/);
    expect(await violationsOf(watched)).toEqual([]);
    await watched.page.close();
  });

  test("a refresh after the login shows the customer's prices, though the guest's answer to the question before comes last", async () => {
    const watched = await stage.browser.openPage();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let sessions = 0;
    await watched.page.route("**/session", async (route) => {
      sessions += 1;
      // The shop answered it before the login; the line is slow.
      const response = await route.fetch();
      if (sessions === 1) await held;
      return route.fulfill({ response });
    });
    await watched.page.goto(stage.shop.origin);
    await eventually("the shop is asked who looks", () => sessions === 1);
    stage.shop.session = sessionOf("C1");
    const refreshed = stage.call(watched, "refresh");
    await eventually("it is asked again", () => sessions === 2);
    await refreshed;
    release();
    await settled(watched, "own");
    expect(await told(watched)).toEqual([amountOf(1, 1), amountOf(1, 2), amountOf(1, 3)]);
    await watched.page.close();
  });

  test("a page that the browser keeps for its Back holds no customer's price, and begins anew when it comes back", async () => {
    stage.shop.session = sessionOf("C1");
    const watched = await open();
    await settled(watched, "own");
    const turn = (type: string) =>
      watched.page.evaluate(`dispatchEvent(new PageTransitionEvent("${type}", { persisted: true }))`);
    await turn("pagehide");
    expect(await told(watched)).toEqual(["guest 1", "guest 2", "guest 3"]);
    stage.shop.session = sessionOf("C2");
    await turn("pageshow");
    await settled(watched, "own");
    expect(await told(watched)).toEqual([amountOf(2, 1), amountOf(2, 2), amountOf(2, 3)]);
    await watched.page.close();
  });

  test("elements that come, go and change their SKU show no price of another SKU", async () => {
    stage.shop.session = sessionOf("C1");
    const watched = await open();
    await settled(watched, "own");
    await watched.page.evaluate(`{
      const [first, second, third] = document.querySelectorAll("pricelane-price");
      first.dataset.sku = "SKU-4";
      second.remove();
      delete third.dataset.sku;
      document.querySelector("main").append(first, Object.assign(document.createElement("pricelane-price"), { textContent: "guest 5" }));
      document.querySelector("main").lastElementChild.dataset.sku = "SKU-5";
    }`);
    // The third has no SKU any more.
    expect(await told(watched)).toEqual(["…", "…", "…"]);
    await settled(watched, "own", 2);
    expect((await told(watched)).sort()).toEqual([amountOf(1, 4), amountOf(1, 5), "…"].sort());
    expect(queries(watched)).toBe(2);
    await watched.page.close();
  });

  test("a language as some platforms write it, or none that is one, leaves no price unshown", async () => {
    stage.shop.session = sessionOf("C1");
    stage.shop.elements = ["fr_FR", "not a language", ""]
      .map((lang) => `<p lang="${lang}"><pricelane-price data-sku="SKU-1" data-tax-label>guest</pricelane-price></p>`)
      .join("");
    const watched = await open();
    await settled(watched, "own");
    expect((await told(watched))[0]).toMatch(/€ HT$/);
    expect(watched.complaints).toEqual([]);
    await watched.page.close();
  });
});
