import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, type TestBrowser } from "../support/browser.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { describeWith } from "../support/parts.js";

describeWith("chromium", "the first look at a gateway started without settings", () => {
  let gateway: GatewayProcess;
  let browser: TestBrowser;
  beforeAll(async () => {
    gateway = await GatewayProcess.start({});
    // Tall, since the editor writes into the page only what is in sight of the answer.
    browser = await launchBrowser({ viewport: { width: 1280, height: 3000 } });
  });
  afterAll(async () => {
    await browser?.close();
    expect(await gateway.stop()).toBe(0);
  });

  test("a demo customer's own prices and stock come out of the ERP at one click, with nothing fetched from elsewhere", async () => {
    const { page, complaints, requested } = await browser.openPage();
    await page.goto(gateway.url);
    await page.getByText("FirstLook").first().waitFor();
    await page.getByLabel("C0004").check();
    const answer = page.locator(".graphiql-response");
    for (const text of ['"audience": "CUSTOMER"', '"paymentTerms"', '"minimumQuantity"', '"warehouses"']) {
      await answer.filter({ hasText: text }).waitFor();
    }
    expect(await answer.innerText()).not.toContain('"errors"');
    expect(requested.filter((address) => new URL(address).origin !== new URL(gateway.url).origin)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
