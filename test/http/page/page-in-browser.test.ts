import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser, type TestBrowser, type WatchedPage } from "../../support/browser.js";
import { describeWith } from "../../support/parts.js";
import { type PageServer, startPageServer } from "./page-server.js";

const timeoutMs = 30_000;
const attack = '</script><script>alert(1)</script><img src="https://elsewhere.test/x.png">';

const options = {
  tokens: [
    { label: "Anonymous", token: null, about: "Sees public prices." },
    { label: "Baker Ltd", token: "token-of-baker", about: "Has a ladder of its own." },
    { label: attack, token: "token-of-attacker", about: attack },
  ],
  exampleQuery: "query Who {\n  viewer { code }\n}\n",
};

describeWith("chromium", "the landing page in a browser", () => {
  let server: PageServer;
  let browser: TestBrowser;
  let watched: WatchedPage;

  beforeAll(async () => {
    server = await startPageServer(options);
  }, timeoutMs);

  // A browser each, so that no test finds what another one left in the editor.
  beforeEach(async () => {
    browser = await launchBrowser();
    watched = await browser.openPage();
    await watched.page.goto(server.origin);
    await watched.page.getByText("viewer").first().waitFor();
    return () => browser.close();
  }, timeoutMs);

  afterAll(() => server.close());

  async function answerHolding(text: string): Promise<void> {
    await watched.page.locator(".graphiql-response", { hasText: text }).waitFor();
  }

  test("it loads from its own origin alone, without a complaint, and asks nothing by itself", async () => {
    await watched.page.waitForLoadState("networkidle");
    expect(watched.complaints).toEqual([]);
    expect(watched.requested.length).toBeGreaterThan(5);
    expect(watched.requested.filter((address) => !address.startsWith(`${server.origin}/`))).toEqual([]);
    expect(server.asked).toEqual([]);
    expect(await watched.page.getByRole("radio", { name: "Anonymous" }).isChecked()).toBe(true);
    expect(await watched.page.getByRole("status").textContent()).toBe("Sees public prices.");
  });

  test("choosing a customer shows what is special, runs the query with its token and shows the answer", async () => {
    await watched.page.getByRole("radio", { name: "Baker Ltd" }).check();
    await answerHolding('"code": "Bearer token-of-baker"');
    expect(server.asked.at(-1)).toMatchObject({ authorization: "Bearer token-of-baker", query: options.exampleQuery });
    expect(await watched.page.getByRole("status").textContent()).toBe("Has a ladder of its own.");
    await watched.page.getByRole("radio", { name: "Anonymous" }).check();
    await answerHolding('"code": "nobody"');
    expect(server.asked.at(-1)?.authorization).toBeUndefined();
    expect(watched.complaints).toEqual([]);
  });

  test("the button runs the query as the caller chosen", async () => {
    await watched.page.getByRole("radio", { name: "Baker Ltd" }).check();
    await answerHolding("token-of-baker");
    const before = server.asked.length;
    await watched.page.getByRole("button", { name: /execute/i }).click();
    await expect.poll(() => server.asked.length).toBe(before + 1);
    expect(server.asked.at(-1)?.authorization).toBe("Bearer token-of-baker");
  });

  test("choosing a caller does not repeat a mutation that stands in the editor", async () => {
    const before = server.asked.length;
    await watched.page.locator(".graphiql-query-editor .CodeMirror").click();
    await watched.page.keyboard.press("Control+A");
    await watched.page.keyboard.insertText("mutation { forget }");
    await watched.page.locator(".graphiql-query-editor", { hasText: "mutation" }).waitFor();
    await watched.page.getByRole("radio", { name: "Baker Ltd" }).check();
    await watched.page.locator(".graphiql-editor-tool", { hasText: "token-of-baker" }).waitFor();
    expect(server.asked.length).toBe(before);
    await watched.page.getByRole("button", { name: /execute/i }).click();
    await answerHolding('"forget": 1');
  });

  test("a label that looks like a script is text", async () => {
    await watched.page.getByRole("radio", { name: attack }).check();
    await answerHolding("token-of-attacker");
    expect(await watched.page.getByRole("status").textContent()).toBe(attack);
    expect(watched.requested.filter((address) => address.includes("elsewhere"))).toEqual([]);
    expect(watched.complaints).toEqual([]);
  });

  test("tokens do not outlive the page: nothing of them is in the browser's storage", async () => {
    await watched.page.getByRole("radio", { name: "Baker Ltd" }).check();
    await answerHolding("token-of-baker");
    await watched.page.reload();
    await watched.page.getByText("viewer").first().waitFor();
    const stored = await watched.page.evaluate("JSON.stringify(localStorage)");
    expect(stored).toContain("viewer");
    expect(stored).not.toContain("token-of-baker");
    expect(await watched.page.getByRole("radio", { name: "Anonymous" }).isChecked()).toBe(true);
  });

  test("documentation, history and settings open without an error, so without a breach of the security policy", async () => {
    for (const name of [/documentation/i, /history/i, /settings/i]) {
      await watched.page.getByRole("button", { name }).first().click();
    }
    await watched.page.getByRole("dialog").waitFor();
    expect(watched.complaints.filter((complaint) => !complaint.startsWith("warning"))).toEqual([]);
  });
});
