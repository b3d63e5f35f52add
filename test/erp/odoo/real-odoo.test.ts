import { describe, expect, test } from "vitest";
import { createLogger } from "../../../src/telemetry/logger.js";
import { compareWithOdoo } from "../../support/compare-odoo.js";
import { fakeDatabase, fakeUser, startFakeOdoo } from "../../support/odoo-fake.js";

const env = (name: string): string | null => process.env[name] || null;
const [url, database, key] = ["ODOO_URL", "ODOO_DATABASE", "ODOO_API_KEY"].map(env);
const log = createLogger({ level: "silent" });
const bounds = { timeoutMs: 20_000, maxConcurrency: 2, log };

// No package of Debian's brings an Odoo of these versions, so that no CI has one: the variables name the one to be asked.
const title = "a real Odoo, compared with its own words";
const missing =
  url && database && key ? null : "ODOO_URL, ODOO_DATABASE, ODOO_API_KEY (and ODOO_USER before 19) name none";
if (missing !== null) console.warn(`\n  SKIPPED: ${title}. ${missing}\n`);

describe.skipIf(missing !== null)(missing === null ? title : `${title} (skipped: ${missing})`, () => {
  test("prices at every break and stock of every warehouse are those that Odoo says", {
    timeout: 300_000,
  }, async () => {
    const priceAction = env("ODOO_PRICE_ACTION");
    const { prices, stocks, differences } = await compareWithOdoo({
      ...{ url: new URL(url ?? ""), database: database ?? "", user: env("ODOO_USER"), key: key ?? "", ...bounds },
      ...{
        company: env("ODOO_COMPANY"),
        publicList: null,
        priceAction: priceAction === null ? null : Number(priceAction),
      },
    });
    console.info(`compared ${prices} prices and ${stocks} stocks with the Odoo at ${url}`);
    expect(differences).toEqual([]);
    expect(prices).toBeGreaterThan(0);
  });
});

describe("the comparison with a real Odoo", () => {
  test.each([
    ["16.0", null],
    ["18.0", 77],
    ["19.0", 77],
  ] as const)(
    "finds nothing amiss in the stand-in of %s, and a price that is not Odoo's where there is one",
    async (version, priceAction) => {
      const odoo = await startFakeOdoo(version);
      odoo.action = "installed";
      const options = { url: odoo.url, database: fakeDatabase, user: fakeUser, key: odoo.key, ...bounds };
      const compare = () => compareWithOdoo({ ...options, company: null, publicList: null, priceAction });
      const { prices, stocks, differences } = await compare();
      expect(differences).toEqual([]);
      expect(prices).toBeGreaterThan(40);
      expect(stocks).toBeGreaterThan(10);
      // From here on, whoever asks for one product alone is lied to; the lists' prices go by the action.
      odoo.intercept = (call) => {
        if (call?.method !== "get_contextual_price" || priceAction === null) return undefined;
        return { status: 200, body: version === "19.0" ? 1 : { jsonrpc: "2.0", id: 1, result: 1 } };
      };
      if (priceAction !== null) expect((await compare()).differences[0]).toMatch(/Odoo says 1$/);
      await odoo.stop();
    },
  );
});
