import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Scenario, startScenario } from "../../scenario/scenario.js";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../../support/browser.js";
import { eventually } from "../../support/eventually.js";
import { buyer } from "../../support/graphql-client.js";
import { WebShop } from "./web-shop.js";

/** Where `scripts/build-web.mjs` put its files, built anew. */
export function buildBundles(): string {
  const folder = mkdtempSync(join(tmpdir(), "pricelane-web-"));
  execFileSync(process.execPath, ["scripts/build-web.mjs", folder]);
  return folder;
}

export const sessionOf = (customer: string) => ({
  token: buyer(customer),
  sub: customer,
  expiresAt: new Date(Date.now() + 300_000).toISOString(),
});

type Tag = "pricelane-price" | "pricelane-stock";

/** A shop with cached pages, a gateway before a fake ERP, and a browser that looks. */
export class WebStage {
  private constructor(
    readonly shop: WebShop,
    readonly scenario: Scenario,
    readonly browser: TestBrowser,
  ) {}

  /** @param file the bundle that the shop's pages load */
  static async start(file: "pricelane.js" | "pricelane-stock.js"): Promise<WebStage> {
    const shop = await WebShop.start(readFileSync(join(buildBundles(), file), "utf8"));
    const scenario = await startScenario({ CORS_ORIGINS: shop.origin });
    return new WebStage(shop, scenario, await launchBrowser());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.shop.stop();
    await this.scenario.stop();
  }

  /** A guest's page with a living gateway, until a test says otherwise. */
  reset(elements: string): void {
    this.shop.gateway = this.scenario.gateway.url;
    this.shop.session = { token: null };
    this.shop.elements = elements;
  }

  async open(): Promise<WatchedPage> {
    const watched = await this.browser.openPage();
    await watched.page.goto(this.shop.origin);
    return watched;
  }

  /** Waits until so many elements have a word in their `state`. */
  settled({ page }: WatchedPage, state: string, count: number, tag: Tag = "pricelane-price"): Promise<true> {
    return eventually(
      `${count} ${tag} in the state ${state}`,
      async () => (await page.locator(`${tag}[state~=${state}]`).count()) === count,
      { withinMs: 25_000 },
    );
  }

  /** What one reads in each element. */
  told({ page }: WatchedPage, tag: Tag = "pricelane-price"): Promise<string[]> {
    return page.evaluate<string[]>(
      `[...document.querySelectorAll("${tag}")].map((each) =>
        each.shadowRoot.querySelector("slot").hidden ? each.shadowRoot.textContent : each.textContent)`,
    );
  }

  /** Questions to the gateway. A preflight is told by no event of a page, and not counted. */
  queries({ requested }: WatchedPage): number {
    return requested.filter((address) => address.startsWith(this.scenario.gateway.url)).length;
  }

  /** A call of what the bundle exports. */
  call({ page }: WatchedPage, name: "logout" | "refresh"): Promise<unknown> {
    return page.evaluate(`import("/pricelane.js").then((module) => module.${name}())`);
  }
}

/** The rules of axe-core that a page breaks. */
export async function violationsOf({ page }: WatchedPage): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate<string[]>("axe.run().then(({ violations }) => violations.map(({ id }) => id))");
}
