import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../support/browser.js";
import { eventually } from "../support/eventually.js";
import { freePort } from "../support/free-port.js";
import { describeWith } from "../support/parts.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `npm run demo:shop` on free ports, without its builds. */
class DemoShop {
  private constructor(
    readonly url: string,
    readonly gateway: string,
    readonly erp: string,
    readonly process: ChildProcess,
  ) {}

  static async start(): Promise<DemoShop> {
    const ports = [await freePort(), await freePort(), await freePort()] as const;
    const [port, gateway, erp] = ports.map(String) as [string, string, string];
    const args = ["shops/demo/main.mjs", "--port", port, "--gateway-port", gateway, "--erp-port", erp];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
    const [shop, ...others] = ports.map((each) => `http://127.0.0.1:${each}`) as [string, string, string];
    const demo = new DemoShop(shop, ...others, child);
    await eventually("the shop serves", () => serves(demo.url), { withinMs: 60_000 });
    return demo;
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, "exit");
    this.process.kill(signal);
    await gone;
  }
}

const serves = (url: string) =>
  fetch(url).then(
    () => true,
    () => false,
  );

describeWith("chromium", "the demo shop", () => {
  let demo: DemoShop;
  let browser: TestBrowser;
  let watched: WatchedPage;
  beforeAll(async () => {
    execFileSync(process.execPath, ["scripts/build-web.mjs"], { cwd: root });
    demo = await DemoShop.start();
    browser = await launchBrowser({ viewport: { width: 800, height: 620 } });
    watched = await browser.openPage();
  });
  afterAll(async () => {
    await browser?.close();
    await demo?.end("SIGTERM");
  });

  const click = (selector: string) => watched.page.locator(selector).click();
  const textOf = (selector: string) => watched.page.locator(selector).innerText();
  const inState = (state: string, what = "price") => watched.page.locator(`pricelane-${what}[state~=${state}]`).count();
  const told = (what: string) =>
    watched.page.evaluate<string[]>(
      `[...document.querySelectorAll("pricelane-${what}")].map((each) =>
        each.shadowRoot.querySelector("slot").hidden ? each.shadowRoot.textContent : each.textContent)`,
    );
  const prices = () => told("price");
  async function stocks(): Promise<string[]> {
    await eventually("no stock is under way", async () => (await inState("waiting", "stock")) === 0);
    return told("stock");
  }
  async function readPrices(state: string): Promise<string[]> {
    await eventually(`all prices in the state ${state}`, async () => (await inState(state)) === 12);
    return prices();
  }
  /** @returns what the ERP and the gateway say of the cart now */
  async function order(): Promise<string> {
    await watched.page.goto(`${demo.url}/cart`);
    await click("form[action='/order'] button");
    return textOf("#verdict");
  }
  /** For the docs, where somebody asks for them. */
  async function picture(name: string): Promise<void> {
    if (process.env["SHOP_IMAGES"] !== "yes") return;
    await watched.page.screenshot({ path: join(root, `docs/shops/images/demo-${name}.png`) });
  }

  test("a guest, a customer, an order, a dead ERP and its return, as docs/shops/demo.md tells", async () => {
    const { page } = watched;
    await page.goto(demo.url);
    const guests = await readPrices("guest");
    await eventually("the guest is named", async () => (await textOf("#caller")) === "a guest");
    expect((await stocks()).join()).not.toMatch(/\d+ in stock/);

    await click("button[name=customer][value=C0004]");
    const own = await readPrices("own");
    await eventually("the customer is named", async () => (await textOf("#caller")) === "C0004");
    expect(own[0]).toMatch(/^€\d+\.\d{2,4}$/);
    expect(own[0]).not.toBe(guests[0]);
    const inStock = /^([\d,.]+ in stock|Only [\d,.]+ left|Out of stock|On back-order)/;
    for (const stock of await stocks()) expect(stock).toMatch(inStock);
    await picture("customer");

    // The ERP takes orders for it whatever is left: its stock runs out now and then.
    await click("form:has(input[value=ELEC-00001]) button");
    expect(await order()).toBe("ACCEPT");
    expect(await textOf("#total")).toMatch(/^€\d+\.\d\d excl\. tax, €\d+\.\d\d incl\. tax$/);
    expect(await textOf("#quote")).toMatch(/^\S+, until \d{4}-/);
    await picture("order");

    await click("button[name=erp][value=kill]");
    await page.goto(demo.url);
    await eventually(
      "the prices are labelled last known",
      async () => {
        await page.reload();
        await eventually("no price is under way", async () => (await inState("waiting")) === 0);
        return (await inState("last-known")) === 12;
      },
      { withinMs: 20_000, everyMs: 200 },
    );
    expect(await prices()).toContainEqual(expect.stringContaining(`${own[0]}last known `));
    await eventually(
      "the stock says of when it is",
      async () => {
        await page.reload();
        await eventually("no stock is under way", async () => (await inState("waiting", "stock")) === 0);
        return (await inState("last-known", "stock")) === 12;
      },
      { withinMs: 20_000, everyMs: 200 },
    );
    for (const stock of await stocks()) expect(stock).toMatch(/as of \d/);
    await picture("last-known");
    expect(await order()).toBe("UNVERIFIED");
    expect(await textOf("#quote")).toBe("none");
    await picture("unverified");

    await click("button[name=erp][value=start]");
    await eventually("the order is accepted again", async () => (await order()) === "ACCEPT", { withinMs: 20_000 });
    await page.goto(demo.url);
    await click("form[action='/logout'] button");
    expect(await readPrices("guest")).toEqual(guests);
    expect(watched.complaints).toEqual([]);
  });

  test("opened as localhost, it leads to the address that its forms are taken from", async () => {
    const answer = await fetch(`${demo.url.replace("127.0.0.1", "localhost")}/cart?a=1`, { redirect: "manual" });
    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toBe(`${demo.url}/cart?a=1`);
  });

  test("an address that is none ends no shop", async () => {
    const { hostname, port } = new URL(demo.url);
    const asked = request({ hostname, port, path: "//" }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(await serves(demo.url)).toBe(true);
  });

  test("killed without a word, it takes the gateway and the ERP with it", async () => {
    expect(await Promise.all([demo.gateway, demo.erp].map(serves))).toEqual([true, true]);
    await demo.end("SIGKILL");
    const areGone = async () => !(await serves(demo.gateway)) && !(await serves(demo.erp));
    expect(await eventually("both are gone", areGone)).toBe(true);
  });
});
