import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readSettings, SettingsInvalid, strangeSettings } from "../src/read-settings.js";
import { settingsTable } from "../src/settings.js";

type Env = Record<string, string | undefined>;

function mistakesIn(env: Env): readonly string[] {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsInvalid) return error.mistakes;
    throw error;
  }
}

const secret = "s".repeat(32);

describe("settings", () => {
  test("without any variable everything has its documented default", () => {
    expect(readSettings({})).toEqual({
      environment: "development",
      host: "127.0.0.1",
      port: 4000,
      metricsPort: null,
      corsOrigins: [],
      logLevel: "info",
      checkoutLastKnownMs: 0,
      checkoutLastKnownMaxTotal: new Map(),
      connector: "demo",
      erpUrl: null,
      erpToken: null,
      erpCompany: null,
      erpMaxConcurrency: null,
      erpAbandonMs: null,
      erpTimeoutMs: 5_000,
      trytonDatabase: null,
      trytonUser: null,
      valkeyUrl: null,
      valkeyKeySecret: null,
      valkeyTimeoutMs: 100,
      fleetReplicas: 2,
      trytonPassword: null,
      trytonCompany: null,
      sqlUrl: null,
      sqlUser: null,
      sqlPassword: null,
      sqlTls: "verify",
      sqlQueriesFile: null,
      sqlWarehouses: null,
      dolibarrCurrency: null,
      dolibarrCustomerField: "code_client",
      dolibarrPublicLevel: 1,
      erpnextCompany: null,
      erpnextPriceList: "Standard Selling",
      erpnextCustomerField: "name",
      erpnextWarehouses: null,
      erpnextTaxRate: null,
      erpnextPriceDecimals: 2,
      odooDatabase: null,
      odooUser: null,
      odooApiKey: null,
      odooCompany: null,
      odooPublicPricelist: null,
      odooPriceAction: null,
      bcTenant: null,
      bcEnvironment: "production",
      bcCompany: null,
      bcClientId: null,
      bcClientSecret: null,
      bcPublicCustomer: null,
      bcLocations: null,
      bcTaxRate: null,
      bcTimeZone: "UTC",
      bcLoginUrl: new URL("https://login.microsoftonline.com"),
      sapB1CompanyDb: null,
      sapB1User: null,
      sapB1Password: null,
      sapB1PublicPriceList: 1,
      sapB1PublicCustomer: null,
      sapB1Warehouses: null,
      sapB1LocalCurrency: null,
      sapB1Discount: null,
      sapB1TimeZone: "UTC",
      priceFreshMs: 60_000,
      priceStaleMs: 86_400_000,
      stockFreshMs: 15_000,
      stockStaleMs: 900_000,
      customerFreshMs: 300_000,
      customerStaleMs: 3_600_000,
      changesPollMs: 10_000,
      cacheMaxBytes: 256_000_000,
      journalFile: null,
      journalMaxSkus: 200_000,
      stockPublicDetail: "status",
      stockLowAt: "5",
      authSecrets: [],
      authJwksFile: null,
      authJwksUrl: null,
      authAudience: "pricelane",
      quoteKeyFile: null,
      quoteOldKeysFile: null,
      quoteMs: 900_000,
      federation: "off",
      maxSkus: 200,
      maxKeysPerRequest: 1_000,
      maxDocumentTokens: 2_000,
      callerKeysPerSecond: 200,
      callerKeysBurst: 2_000,
      trustProxy: 0,
      deadlineStorefrontMs: 2_000,
      deadlineCheckoutMs: 3_000,
      deadlineFeedMs: 10_000,
      feedSafetyStock: new Map(),
      feedMaxStreams: 4,
      otlpEndpoint: null,
    });
  });

  test("every default passes its own check", () => {
    for (const { env, default: initial } of Object.values(settingsTable)) {
      if (initial !== null && initial !== "") expect(mistakesIn({ [env]: initial })).toEqual([]);
    }
  });

  test.each([
    ["SQL_URL", "https://db/erp", "an address with the engine and the database"],
    ["SQL_URL", "postgresql://db", "an address with the engine and the database"],
    ["SQL_URL", "mysql://reader:pa55word@db/erp", "SQL_USER, SQL_PASSWORD and SQL_TLS are settings of their own"],
    ["SQL_WAREHOUSES", ",", "words separated by commas"],
    ["ERPNEXT_WAREHOUSES", ",", "words separated by commas"],
  ])("%s=%s is refused with its mend", (name, value, mend) => {
    const [mistake] = mistakesIn({ [name]: value });
    expect(mistake).toContain(mend);
    expect(mistake).not.toContain("pa55word");
  });

  test("sql without its address, user and file is told of all three, and needs no ERP_URL", () => {
    expect(mistakesIn({ ERP_CONNECTOR: "sql" })).toEqual(
      ["SQL_URL", "SQL_USER", "SQL_QUERIES_FILE"].map((name) => `${name} is missing: ERP_CONNECTOR=sql needs it`),
    );
  });

  test("an empty variable counts as left out, and blanks around a value as nothing", () => {
    expect(readSettings({ PORT: "", ERP_URL: "  ", HOST: " ::1 " })).toMatchObject({
      port: 4000,
      erpUrl: null,
      host: "::1",
    });
  });

  test("every mistake is named at once, each with its variable, what it should be and what it was", () => {
    const mistakes = mistakesIn({
      PORT: "http",
      LOG_LEVEL: "loud",
      ERP_CONNECTOR: "sap",
      MAX_SKUS: "0",
      CORS_ORIGINS: "https://a.example, b.example",
      STOCK_LOW_AT: "-1",
      ERP_TIMEOUT_MS: "1.5",
    });
    expect(mistakes).toEqual([
      'PORT should be a whole number from 0 to 65535, not "http"',
      expect.stringMatching(/^CORS_ORIGINS should be origins separated by commas.*"b.example" is none/),
      'LOG_LEVEL should be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
      'ERP_CONNECTOR should be one of demo, port, tryton, dolibarr, erpnext, odoo, sql, business-central, sap-business-one, not "sap"',
      'ERP_TIMEOUT_MS should be a whole number from 1 to 120000, not "1.5"',
      'STOCK_LOW_AT should be an exact decimal from 0, such as "5" or "2.5", not "-1"',
      'MAX_SKUS should be a whole number from 1 to 10000, not "0"',
    ]);
    expect(() => readSettings({ PORT: "x", MAX_SKUS: "y" })).toThrow(/PORT.*\n.*MAX_SKUS/);
  });

  test.each([
    ["port", ["ERP_URL"]],
    ["tryton", ["ERP_URL", "TRYTON_DATABASE", "TRYTON_USER", "TRYTON_PASSWORD"]],
    ["dolibarr", ["ERP_URL", "ERP_TOKEN", "DOLIBARR_CURRENCY"]],
    ["erpnext", ["ERP_URL", "ERP_TOKEN", "ERPNEXT_COMPANY"]],
    ["odoo", ["ERP_URL", "ODOO_DATABASE", "ODOO_API_KEY"]],
    ["business-central", ["BC_TENANT", "BC_CLIENT_ID", "BC_CLIENT_SECRET"]],
    ["sap-business-one", ["ERP_URL", "SAPB1_COMPANY_DB", "SAPB1_USER", "SAPB1_PASSWORD"]],
    ["demo", []],
  ])("ERP_CONNECTOR=%s says which variables it lacks", (connector, lacking) => {
    expect(mistakesIn({ ERP_CONNECTOR: connector })).toEqual(
      lacking.map((env) => `${env} is missing: ERP_CONNECTOR=${connector} needs it`),
    );
  });

  test.each(["PRICE", "STOCK", "CUSTOMER"])("%s: a fresh window longer than the stale one stops the start", (kind) => {
    const [fresh, stale] = [`${kind}_FRESH_SECONDS`, `${kind}_STALE_SECONDS`];
    expect(mistakesIn({ [fresh]: "61", [stale]: "60" })).toEqual([
      `${fresh} should not exceed ${stale}, and 61 does exceed 60: lower the first or raise the second`,
    ]);
    expect(mistakesIn({ [fresh]: "60", [stale]: "60" })).toEqual([]);
  });

  test.each([
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500 EUR" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "0 EUR" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "5e2 EUR" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500 EUR, 400 EUR" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "1441", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500 EUR" }, 1],
    [{ CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500 EUR" }, 0],
  ])("last known prices at the order step are bound by age and total, both or neither: %j", (env, mistakes) => {
    expect(mistakesIn(env)).toHaveLength(mistakes);
  });

  test("the bounds of last known prices are kept by currency, and are off at first", () => {
    expect(readSettings({})).toMatchObject({ checkoutLastKnownMs: 0, checkoutLastKnownMaxTotal: new Map() });
    const env = { CHECKOUT_LAST_KNOWN_MINUTES: "30", CHECKOUT_LAST_KNOWN_MAX_TOTAL: "500.50 EUR,45000 JPY" };
    const bounds = new Map([
      ["EUR", "500.50"],
      ["JPY", "45000"],
    ]);
    expect(readSettings(env)).toMatchObject({ checkoutLastKnownMs: 1_800_000, checkoutLastKnownMaxTotal: bounds });
  });

  test("durations in seconds are kept in milliseconds", () => {
    expect(readSettings({ PRICE_FRESH_SECONDS: "0", STOCK_STALE_SECONDS: "60" })).toMatchObject({
      priceFreshMs: 0,
      stockStaleMs: 60_000,
    });
  });

  test.each([
    ["google 2, amazon 5", new Map(Object.entries({ google: "2", amazon: "5" }))],
    ["amazon 2.5", new Map([["amazon", "2.5"]])],
    ["google", null],
    ["google -1", null],
    ["google 2 amazon 5", null],
    ["ebay 2", null],
    ["google 2, google 3", null],
  ])("FEED_SAFETY_STOCK=%j is read as %j", (written, units) => {
    const env = { FEED_SAFETY_STOCK: written };
    if (units === null) expect(mistakesIn(env)).toHaveLength(1);
    else expect(readSettings(env).feedSafetyStock).toEqual(units);
  });

  test.each(["-1", "+1", "1e3", "0x10", " ", "1.0", "65536", "NaN", "٣"])("PORT=%j is no port, or left out", (text) => {
    if (text.trim() === "") expect(readSettings({ PORT: text }).port).toBe(4000);
    else expect(mistakesIn({ PORT: text })).toHaveLength(1);
  });

  test.each([
    ["https://erp.example.com/api", true],
    ["http://127.0.0.1:8069", true],
    ["ftp://erp.example.com", false],
    ["erp.example.com", false],
    ["https://erp.example.com?db=1", false],
    ["https://erp.example.com#x", false],
    ["https://user@erp.example.com", false],
    ["https://user:pw@erp.example.com", false],
    ["https://:pw@erp.example.com", false],
  ])("ERP_URL=%s is taken: %s", (url, isTaken) => {
    expect(mistakesIn({ ERP_URL: url }).length === 0).toBe(isTaken);
  });

  test("origins are kept bare", () => {
    const corsOrigins = "https://shop.example.com/, http://localhost:3000";
    expect(readSettings({ CORS_ORIGINS: corsOrigins }).corsOrigins).toEqual([
      "https://shop.example.com",
      "http://localhost:3000",
    ]);
    for (const wrong of ["https://a.example/path", "*", "null", "file:///x"]) {
      expect(mistakesIn({ CORS_ORIGINS: wrong })).toHaveLength(1);
    }
  });

  test.each([
    ["0", 0],
    ["1", 1],
    ["10", 10],
    ["CF-Connecting-IP", "cf-connecting-ip"],
    ["x-real-ip", "x-real-ip"],
  ])("TRUST_PROXY=%s is read as %j", (written, trusted) => {
    expect(readSettings({ TRUST_PROXY: written }).trustProxy).toBe(trusted);
  });

  test.each([
    "11",
    "-1",
    "1.5",
    "true",
    "loopback",
    "x forwarded",
    "10.0.0.0/8",
    "x-forwarded-for",
    "X-Forwarded-For",
    "forwarded",
  ])("TRUST_PROXY=%s is a mistake that says how many proxies, or which header", (written) => {
    const mistakes = mistakesIn({ TRUST_PROXY: written });
    expect(mistakes).toHaveLength(1);
    expect(mistakes[0]).toMatch(/^TRUST_PROXY should be .*prox.*header/);
  });

  test("variables that look like ours and are none are pointed out, others left alone", () => {
    const env = {
      ERP_TIMEOUT: "1",
      PRICE_FRESH_SECONDS: "1",
      PATH: "/",
      AUTH_SECRET: "x",
      HOME: "/",
      CORS_ORIGIN: "x",
      CALLER_KEYS: "1",
      TRUST_PROXIES: "1",
    };
    expect(strangeSettings(env)).toEqual(["ERP_TIMEOUT", "AUTH_SECRET", "CORS_ORIGIN", "CALLER_KEYS", "TRUST_PROXIES"]);
  });
});

test("a time zone is refused where nobody knows it", () => {
  expect(mistakesIn({ BC_TIME_ZONE: "Europe/Pariss" })).toEqual([
    'BC_TIME_ZONE should be the IANA name of a time zone, such as "Europe/Paris", not "Europe/Pariss"',
  ]);
});

describe("secrets in the settings", () => {
  test("HS256 keys are read with their kids; a secret may hold colons", () => {
    const [key, other] = readSettings({ AUTH_SECRETS: `k1:${secret}, k2:a:${secret}` }).authSecrets;
    expect([key?.kid, new TextDecoder().decode(key?.secret)]).toEqual(["k1", secret]);
    expect([other?.kid, new TextDecoder().decode(other?.secret)]).toEqual(["k2", `a:${secret}`]);
  });

  test.each([
    ["no kid", secret],
    ["an empty kid", `:${secret}`],
    ["a short secret", `k1:${"s".repeat(31)}`],
    ["a kid twice", `k1:${secret},k1:${secret}`],
  ])("%s is a mistake", (_what, value) => {
    expect(mistakesIn({ AUTH_SECRETS: value })).toEqual([expect.stringMatching(/^AUTH_SECRETS should be /)]);
  });

  test("a secret is measured in bytes", () => {
    expect(mistakesIn({ AUTH_SECRETS: `k1:${"é".repeat(16)}` })).toEqual([]);
  });

  test("no mistake shows any part of a secret, whatever is wrong with it", () => {
    // Words that no message of ours holds, joined by what AUTH_SECRETS gives a meaning to.
    const word = fc.constantFrom("hunter", "zebra", "quokka", "x".repeat(40));
    const joint = fc.constantFrom(":", ",", "::", ",,", " ");
    const text = fc
      .array(fc.tuple(word, joint), { minLength: 1, maxLength: 5 })
      .map((parts) => parts.flat().slice(0, -1).join(""));
    fc.assert(
      fc.property(text, (value) => {
        const shown = mistakesIn({ AUTH_SECRETS: `k1:${value}`, PORT: "wrong" }).join("\n");
        expect(shown).toContain("PORT");
        expect(shown).not.toMatch(/hunter|zebra|quokka|xxxx/);
      }),
    );
  });

  test("a password in an address is never shown, though the address is", () => {
    for (const env of ["ERP_URL", "AUTH_JWKS_URL", "OTEL_EXPORTER_OTLP_ENDPOINT"]) {
      for (const url of [
        "https://user:hunter2@erp.example.com",
        "https://:hunter2@erp.example.com/a",
        "ftp://u:hunter2@e",
      ]) {
        const [mistake] = mistakesIn({ [env]: url });
        expect(mistake).toContain(env);
        expect(mistake).not.toContain("hunter2");
      }
    }
  });

  test("where the shared store is and what seals it go together, and neither is shown where it is wrong", () => {
    const secret = "hunter2".repeat(5);
    const url = "valkeys://user:hunter2@valkey:6379/1";
    expect(readSettings({ VALKEY_URL: url, VALKEY_KEY_SECRET: secret })).toMatchObject({
      valkeyUrl: "rediss://user:hunter2@valkey:6379/1",
      valkeyKeySecret: new TextEncoder().encode(secret),
    });
    expect(mistakesIn({ VALKEY_URL: url })).toEqual([expect.stringMatching(/^VALKEY_KEY_SECRET is missing/)]);
    expect(mistakesIn({ VALKEY_KEY_SECRET: secret })).toEqual([expect.stringMatching(/^VALKEY_URL is missing/)]);
    const wrong = [
      "http://valkey:6379",
      "redis://user:hunter2@valkey:6379?x=hunter2",
      "redis://valkey/hunter2",
      "valkey",
    ];
    for (const VALKEY_URL of wrong) {
      const [mistake = ""] = mistakesIn({ VALKEY_URL, VALKEY_KEY_SECRET: secret });
      expect(mistake).toMatch(/^VALKEY_URL should be an address/);
      expect(mistake).not.toContain("hunter2");
    }
    const [short = ""] = mistakesIn({ VALKEY_URL: url, VALKEY_KEY_SECRET: "hunter2" });
    expect(short).toMatch(/^VALKEY_KEY_SECRET should be a secret of at least 32 bytes, and has 7/);
    expect(short).not.toContain("hunter2");
  });

  test("every setting that can hold a secret is marked as one", () => {
    const marked = Object.values(settingsTable).flatMap((row) => ("isSecret" in row && row.isSecret ? row.env : []));
    expect(marked).toEqual([
      "ERP_TOKEN",
      "TRYTON_PASSWORD",
      "SQL_PASSWORD",
      "ODOO_API_KEY",
      "BC_CLIENT_SECRET",
      "SAPB1_PASSWORD",
      "AUTH_SECRETS",
      "VALKEY_URL",
      "VALKEY_KEY_SECRET",
    ]);
  });
});
