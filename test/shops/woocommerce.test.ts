import { execFile, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ownPrice, skus } from "../scenario/book.js";
import { type Scenario, startScenario } from "../scenario/scenario.js";
import { authSecrets } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";

const run = promisify(execFile);
const folder = "test/shops/woocommerce";
const plugin = "shops/woocommerce/pricelane";

function phpFiles(): string[] {
  const files = readdirSync(plugin, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".php")).map((file) => `${plugin}/${file}`);
}

interface Step {
  /** The customer's number; 0 is a guest. */
  readonly user: number;
  readonly skus: readonly string[];
  /** Present: the SKUs are in the cart, so many of each. */
  readonly quantity?: number;
  readonly order?: boolean;
}

interface Seen {
  readonly prices: readonly string[];
  readonly ordered: readonly string[];
  readonly calls: number;
  readonly refusals: readonly string[];
  readonly ms: number;
}

/** Each step as a request of one shop, over real HTTP. */
async function walk(gateway: string, steps: readonly Step[]): Promise<Seen[]> {
  const [kid = "", secret = ""] = authSecrets.split(",")[0]?.split(":") ?? [];
  const env = { ...process.env, GATEWAY: `${gateway}/graphql`, KID: kid, SECRET: secret };
  const child = spawn("/usr/bin/php", [`${folder}/live.php`], { env, stdio: ["pipe", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => {
    printed += chunk.toString("utf8");
  });
  child.stdin.end(JSON.stringify(steps));
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(printed) as Seen[];
}

describeWith("phpunit", "the WooCommerce plugin", () => {
  test("has no file that PHP cannot read", async () => {
    const files = phpFiles();
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) expect((await run("/usr/bin/php", ["-l", file])).stdout).toMatch(/^No syntax errors/);
  });

  test("keeps its promises to a shop of fakes", async () => {
    const tests = [
      "--bootstrap",
      `${folder}/bootstrap.php`,
      "--no-configuration",
      "--do-not-cache-result",
      "--fail-on-warning",
      "--fail-on-risky",
    ];
    const { stdout } = await run("/usr/bin/phpunit", [...tests, "--test-suffix", "Test.php", folder]).catch(
      (failed: { stdout?: string }) => ({ stdout: String(failed.stdout) }),
    );
    expect(stdout).toMatch(/^OK \(\d+ tests, \d+ assertions\)/m);
  });

  test("says each of its texts in French", () => {
    const sources = phpFiles().map((file) => readFileSync(file, "utf8"));
    const texts = sources.flatMap((source) =>
      [...source.matchAll(/\b(?:esc_html)?__\('([^']+)', 'pricelane'\)/g)].map(([, text]) => text),
    );
    expect(texts.length).toBeGreaterThan(20);
    const po = readFileSync(`${plugin}/languages/pricelane-fr_FR.po`, "utf8");
    const translated = [...po.matchAll(/^msgid "(.+)"\nmsgstr "(.+)"$/gm)].map(([, text]) => text);
    expect(texts.filter((text) => !translated.includes(text))).toEqual([]);
    // WordPress reads the binary: after a change of the .po, msgfmt.
    const binary = readFileSync(`${plugin}/languages/pricelane-fr_FR.mo`, "utf8");
    const french = [...po.matchAll(/^msgstr "(.+)"$/gm)].map(([, text]) => text ?? "");
    expect(french.filter((text) => !binary.includes(text))).toEqual([]);
  });

  test("says of a cart what the gateway's own messages say, in both languages", () => {
    const messagesIn = (language: string) =>
      JSON.parse(readFileSync(`schema/messages/${language}.json`, "utf8")) as Record<string, string>;
    const [english, french] = [messagesIn("en"), messagesIn("fr")];
    const source = readFileSync(`${plugin}/src/Messages.php`, "utf8");
    const texts = [...source.matchAll(/'(cart\.\w+)' => __\('([^']+)', 'pricelane'\)/g)].map(([, key, text]) => [
      key,
      text,
    ]);
    expect(texts.length).toBeGreaterThan(10);
    const po = readFileSync(`${plugin}/languages/pricelane-fr_FR.po`, "utf8").replaceAll("’", "'");
    for (const [key = "", text] of texts) {
      expect(text).toBe(english[key]);
      expect(po).toContain(`msgid "${text}"\nmsgstr "${french[key]}"`);
    }
  });
});

describeWith("phpunit", "the WooCommerce plugin before a real gateway", () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario({ PRICE_FRESH_SECONDS: "60" });
  });
  afterAll(() => scenario.stop());

  test("tells the merchant whether the connection works, and what is wrong with it", async () => {
    const [kid = "", secret = ""] = authSecrets.split(":");
    const tested = async (env: Record<string, string>) => {
      const all = {
        ...process.env,
        TEST_CONNECTION: "yes",
        GATEWAY: `${scenario.gateway.url}/graphql`,
        KID: kid,
        ...env,
      };
      return JSON.parse((await run("/usr/bin/php", [`${folder}/live.php`], { env: all })).stdout) as unknown;
    };
    expect(await tested({ SECRET: secret })).toEqual({ ok: true, text: expect.stringMatching(/knows the key/) });
    const wrongKey = { ok: false, text: expect.stringMatching(/UNAUTHENTICATED/) };
    expect(await tested({ SECRET: "a secret that is not the gateway's own" })).toEqual(wrongKey);
    const wrongAddress = { SECRET: secret, GATEWAY: `${scenario.gateway.url}/healthz` };
    expect(await tested(wrongAddress)).toEqual({ ok: false, text: expect.stringMatching(/\/graphql/) });
  });

  test("shows interleaved customers their own prices, one call a page", async () => {
    const users = [1, 2, 0, 3, 1, 0, 2];
    const seen = await walk(
      scenario.gateway.url,
      users.map((user) => ({ user, skus: skus(24) })),
    );
    const own = (user: number) => skus(24).map((_, at) => (user === 0 ? `${1001 + at}.00` : ownPrice(user, at + 1)));
    expect(seen.map(({ prices }) => prices)).toEqual(users.map(own));
    expect(seen.map(({ calls }) => calls)).toEqual(users.map(() => 1));
  });

  test("orders at the ERP's price, and only once the buyer saw a risen one", async () => {
    const step = { user: 4, skus: ["SKU-7"], quantity: 2 };
    await walk(scenario.gateway.url, [step]);
    scenario.erp.prices.set("C4|SKU-7", { unitPrice: "499.90", taxRate: "20", tiers: [] });
    const [risen, agreed] = await walk(scenario.gateway.url, [
      { ...step, order: true },
      { ...step, order: true },
    ]);
    expect(risen?.prices).toEqual([ownPrice(4, 7)]);
    expect(risen?.refusals).toEqual([expect.stringMatching(/^The price of Product 1 has risen to 499.90/)]);
    expect(agreed).toMatchObject({ prices: ["499.90"], ordered: ["499.90"], refusals: [] });
    scenario.erp.prices.set("C4|SKU-7", { unitPrice: "4.90", taxRate: "20", tiers: [] });
    const [dropped] = await walk(scenario.gateway.url, [{ ...step, order: true }]);
    expect(dropped).toMatchObject({ prices: ["499.90"], ordered: ["4.90"], refusals: [] });
  });

  test("orders nothing that is not in stock, nor while the ERP cannot be asked", async () => {
    const step = { user: 5, skus: ["SKU-8"], quantity: 4, order: true };
    scenario.erp.stock.set("SKU-8", { warehouses: { LYON: "1" } });
    expect((await walk(scenario.gateway.url, [step]))[0]?.refusals).toEqual(["Only 1 of Product 1 available, not 4."]);
    await scenario.erp.stop();
    const [down] = await walk(scenario.gateway.url, [step]);
    await scenario.erp.listen();
    expect(down?.refusals.length).toBeGreaterThan(0);
  });
});

describeWith("phpunit", "the WooCommerce plugin before a gateway that hangs", () => {
  test("costs three pages half a second each, and the others nothing; no price of another kind takes its place", async () => {
    let asked = 0;
    const hanging = createServer(() => {
      asked += 1;
    });
    await new Promise<void>((resolve) => hanging.listen(0, "127.0.0.1", resolve));
    const { port } = hanging.address() as AddressInfo;
    const steps = Array.from({ length: 6 }, () => ({ user: 1, skus: ["SKU-1", "SKU-2"], quantity: 1, order: true }));
    const seen = await walk(`http://127.0.0.1:${port}`, steps);
    hanging.closeAllConnections();
    hanging.close();
    expect(seen.map(({ prices }) => prices)).toEqual(steps.map(() => ["", ""]));
    expect(seen.every(({ refusals }) => refusals.length > 0)).toBe(true);
    // WordPress by itself would make a second of it.
    expect(Math.min(...seen.slice(0, 3).map(({ ms }) => ms))).toBeLessThan(950);
    expect(asked).toBe(3);
  });
});
