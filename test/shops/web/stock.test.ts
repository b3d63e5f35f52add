import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { WatchedPage } from "../../support/browser.js";
import { describeWith } from "../../support/parts.js";
import { sessionOf, violationsOf, WebStage } from "./web-stage.js";

const tag = "pricelane-stock";
const stockOf = (sku: string, text = "", attributes = "") =>
  `<p><pricelane-stock data-sku="${sku}" ${attributes}>${text}</pricelane-stock></p>`;

describeWith("chromium", "stock on a page from a full-page cache", () => {
  let stage: WebStage;
  const settled = (watched: WatchedPage, state: string, count: number) => stage.settled(watched, state, count, tag);
  const told = (watched: WatchedPage) => stage.told(watched, tag);
  beforeAll(async () => {
    stage = await WebStage.start("pricelane-stock.js");
    const { stock } = stage.scenario.erp;
    stock.set("LITTLE", { warehouses: { LYON: "2", PARIS: "1" } });
    stock.set("NONE", { warehouses: { LYON: "0" }, restockDate: "2999-12-01" });
    stock.set("LATE", { warehouses: { LYON: "0" }, restockDate: "2020-01-01" });
    stock.set("BEYOND", { warehouses: { LYON: "0" }, backorder: true, leadTimeDays: 4 });
  });
  afterAll(() => stage?.stop());
  beforeEach(() => {
    stage.reset(
      [1, 2, 3]
        .map(
          (sku) =>
            `<pricelane-price data-sku="SKU-${sku}">guest ${sku}</pricelane-price>${stockOf(`SKU-${sku}`, "written")}`,
        )
        .join(""),
    );
  });

  test("a customer's prices and stock come by one query; a guest's page asks for its stock alone, and sees no quantity", async () => {
    stage.shop.elements = stage.shop.elements.replaceAll("data-sku", "data-count data-sku");
    for (const customer of ["C1", null, "C2"]) {
      stage.shop.session = customer === null ? { token: null } : sessionOf(customer);
      const watched = await stage.open();
      await settled(watched, "in-stock", 3);
      await stage.settled(watched, customer === null ? "guest" : "own", 3);
      const counts = ["18.5 in stock", "19.5 in stock", "20.5 in stock"];
      expect(await told(watched)).toEqual(customer === null ? Array(3).fill("In stock") : counts);
      expect(stage.queries(watched)).toBe(1);
      expect(watched.complaints).toEqual([]);
      await watched.page.close();
    }
  });

  test("tells what is left, what is out, when it is expected, and nothing of a day that is over or an SKU that is none", async () => {
    stage.shop.session = sessionOf("C1");
    const skus = ["LITTLE", "NONE", "LATE", "BEYOND", "NO-SUCH"];
    stage.shop.elements = `${skus.map((sku) => stockOf(sku)).join("")}
      ${stockOf("LITTLE", "", "data-low=2")}${stockOf("SKU-1", "", "data-low=20")}${stockOf("SKU-1", "", "data-low=many")}`;
    const watched = await stage.open();
    await settled(watched, "waiting", 0);
    expect(await told(watched)).toEqual([
      "Only 3 left",
      "Out of stock · expected Dec 1, 2999",
      "Out of stock",
      "On back-order · available in 4 days",
      "Availability on request",
      "In stock",
      "Only 18.5 left",
      "In stock",
    ]);
    const states = await watched.page.evaluate<string[]>(
      `[...document.querySelectorAll("${tag}")].map((each) => each.getAttribute("state"))`,
    );
    expect(states.slice(0, 5)).toEqual(["low-stock", "out-of-stock", "out-of-stock", "backorder", "on-request"]);
    await watched.page.close();
  });

  test("a guest reads that few are left, not how many", async () => {
    stage.shop.elements = stockOf("LITTLE", "", "data-count data-low=3");
    const watched = await stage.open();
    await settled(watched, "low-stock", 1);
    expect(await told(watched)).toEqual(["Few left"]);
    await watched.page.close();
  });

  test("logout takes the quantities away at once, and the guest's stock comes", async () => {
    stage.shop.session = sessionOf("C1");
    stage.shop.elements = stockOf("LITTLE", "written");
    const watched = await stage.open();
    await settled(watched, "low-stock", 1);
    expect(await told(watched)).toEqual(["Only 3 left"]);
    await stage.call(watched, "logout");
    expect(await told(watched)).not.toContain("Only 3 left");
    await settled(watched, "low-stock", 1);
    expect(await told(watched)).toEqual(["Few left"]);
    await watched.page.close();
  });

  test("with the gateway dead the shop's own words stay; where it wrote none, availability is on request", async () => {
    stage.shop.gateway = "http://127.0.0.1:9";
    for (const session of [{ token: null }, sessionOf("C1")]) {
      stage.shop.session = session;
      stage.shop.elements = stockOf("SKU-1", "written") + stockOf("SKU-2");
      const watched = await stage.open();
      await settled(watched, "on-request", 1);
      expect(await told(watched)).toEqual(["written", "Availability on request"]);
      await watched.page.close();
    }
  });

  test("a slow gateway's answer moves nothing that stands beside the elements", async () => {
    stage.shop.session = sessionOf("C1");
    stage.shop.elements = `<p><pricelane-price data-sku="SKU-1"></pricelane-price> <b>a</b></p>
      <p><pricelane-stock data-sku="SKU-1"></pricelane-stock> <b>b</b></p><p><b>c</b></p>`;
    const movedAt = async (width: string): Promise<boolean> => {
      const watched = await stage.browser.openPage();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      await watched.page.route("**/graphql*", async (route) => {
        const response = await route.fetch();
        await held;
        return route.fulfill({ response });
      });
      await watched.page.goto(stage.shop.origin);
      await watched.page.evaluate(`for (const name of ["--pricelane-width", "--pricelane-stock-width"])
        document.documentElement.style.setProperty(name, "${width}")`);
      await settled(watched, "waiting", 1);
      const places = () =>
        watched.page.evaluate(
          `JSON.stringify([...document.querySelectorAll("b")].map((each) => each.getBoundingClientRect()))`,
        );
      const before = await places();
      release();
      await settled(watched, "in-stock", 1);
      await stage.settled(watched, "own", 1);
      const after = await places();
      await watched.page.close();
      return before !== after;
    };
    expect(await movedAt("12ch")).toBe(false);
    // Without the room that is kept it would.
    expect(await movedAt("0")).toBe(true);
  });

  test("a last known stock says of when it is", async () => {
    stage.shop.elements = stockOf("SKU-1") + stockOf("SKU-2");
    const watched = await stage.browser.openPage();
    await watched.page.route("**/graphql*", async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/("sku":"SKU-1".*?"staleReason":)null/, '$1"ERP_UNAVAILABLE"');
      return route.fulfill({ response, body });
    });
    await watched.page.goto(stage.shop.origin);
    await settled(watched, "last-known", 1);
    expect((await told(watched))[0]).toMatch(/^In stock · as of \d/);
    expect((await told(watched))[1]).toBe("In stock");
    await watched.page.close();
  });

  test("reads well for assistive technology, in French and from right to left", async () => {
    stage.shop.session = sessionOf("C1");
    stage.shop.elements = `<div lang="fr" dir="rtl">${stockOf("LITTLE")}${stockOf("NONE")}${stockOf("BEYOND")}</div>`;
    const watched = await stage.open();
    await settled(watched, "waiting", 0);
    expect(await told(watched)).toEqual([
      "Plus que 3",
      "Rupture de stock · attendu le 1 déc. 2999",
      "Sur commande · disponible dans 4 jours",
    ]);
    expect(await violationsOf(watched)).toEqual([]);
    await watched.page.close();
  });
});
