import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createB1Connector } from "../../../src/erp/sap-business-one/b1-connector.js";
import { b1Books, createTestB1, periodRecord, specialRecord, type TestB1 } from "../../support/sap-business-one.js";
import { b1Error } from "../../support/sap-business-one-fake.js";
import { own, readPrices, readStock } from "./b1-ask.js";

let under: TestB1;

async function open(...args: Parameters<typeof createTestB1>): Promise<void> {
  under = await createTestB1(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop().catch(() => undefined);
});

const minute = 60_000;
const health = () => under.connector.checkHealth(AbortSignal.timeout(5000));
const batches = () => under.fake.asked.filter(({ request }) => request === "POST $batch");

describe("the session of Service Layer", () => {
  test("is one for all who ask at the same time, and both its cookies go with every request", async () => {
    await open();
    await Promise.all([health(), health(), readPrices(under, [{ sku: "A-1" }]), readStock(under, "A-1")]);
    expect(under.fake.logins).toBe(1);
    const cookies = under.fake.asked
      .filter(({ request }) => request !== "POST Login")
      .map(({ headers }) => headers.cookie);
    expect(new Set(cookies)).toEqual(new Set(["B1SESSION=session-1-secret; ROUTEID=.node1"]));
  });

  test("goes on at the node that the load balancer moved it to", async () => {
    await open();
    await health();
    const headers = { "set-cookie": "ROUTEID=.node2; path=/b1s" };
    const moved = { status: 200, text: '{"value":[]}', headers };
    under.fake.books.fault = (request) => (request.startsWith("GET Currencies") ? moved : null);
    await health();
    await health();
    expect(under.fake.asked.at(-1)?.headers.cookie).toBe("B1SESSION=session-1-secret; ROUTEID=.node2");
    expect(under.fake.logins).toBe(1);
  });

  test("lives on while it is used, and after its idle minutes is not tried any more", async () => {
    await open();
    for (let used = 0; used < 4; used++) {
      await health();
      await under.clock.advance(28 * minute);
    }
    expect(under.fake.logins).toBe(1);
    await health();
    await under.clock.advance(29 * minute + 1);
    const asked = under.fake.asked.length;
    await health();
    expect(under.fake.asked.slice(asked).map(({ request }) => request)).toEqual([
      "POST Login",
      expect.stringMatching(/^GET Currencies/),
    ]);
  });

  test("that takes longer to open than a call may is there for the calls behind it", async () => {
    await open();
    let release: () => void = () => undefined;
    under.fake.books.hold = new Promise((resolve) => {
      release = resolve;
    });
    await expect(under.connector.checkHealth(AbortSignal.timeout(20))).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
    const second = health();
    release();
    await second;
    expect(under.fake.logins).toBe(1);
  });

  test("that ends before its time is renewed once, also for many at a time", async () => {
    await open();
    await health();
    under.fake.sessions.clear();
    await Promise.all([health(), health(), health()]);
    expect(under.fake.logins).toBe(2);
  });

  test("that ends in mid-batch is renewed, and only what was not answered is asked again", async () => {
    await open();
    await readPrices(under, [{ sku: "A-1" }]);
    under.fake.books.fault = (request) => {
      if (request.includes("GetItemPrice") && request.includes('"SERVICE"') && under.fake.logins === 1) {
        under.fake.sessions.clear();
        return b1Error("v2", 401, 301, "Invalid session or session already timeout.");
      }
      return null;
    };
    const before = batches().length;
    const scope = own("C2");
    const outcomes = await readPrices(
      under,
      ["A-1", "SERVICE", "B 'X' & OR/%"].map((sku) => ({ sku, scope })),
    );
    expect(outcomes).toMatchObject([
      { kind: "found", answer: { sku: "A-1", unitPrice: "90" } },
      { kind: "found", answer: { sku: "SERVICE", unitPrice: "50" } },
      { kind: "found", answer: { sku: "B 'X' & OR/%", unitPrice: "18" } },
    ]);
    expect(under.fake.logins).toBe(2);
    const priced = batches()
      .slice(before)
      .flatMap(({ parts }) => parts.filter((part) => part.includes('"A-1"')));
    expect(priced).toHaveLength(1);
  });

  test("that is refused when new is the user's licence or rights, and not tried in a circle", async () => {
    await open();
    under.fake.books.fault = (request) => (request === "POST Login" ? null : b1Error("v2", 401, 301));
    await expect(health()).rejects.toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
    await expect(health()).rejects.toThrow("licence");
    await under.clock.advance(29_000);
    await expect(readPrices(under, [{ sku: "A-1" }])).rejects.toThrow("licence");
    expect(under.fake.logins).toBe(2);
    under.fake.books.fault = () => null;
    await under.clock.advance(1000);
    await health();
    expect(under.fake.logins).toBe(3);
  });

  test("that ends in every batch is an error, and no endless loop", async () => {
    await open();
    under.fake.books.fault = (request) => (request.startsWith("POST CompanyService") ? b1Error("v2", 401, 301) : null);
    await expect(readPrices(under, [{ sku: "A-1" }])).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
    expect(under.fake.logins).toBe(2);
  });

  test("that ends at one SKU, whenever it is asked, is that SKU's error and those behind it, not of those before", async () => {
    await open();
    under.fake.books.fault = (request) => (request.includes('"A-1"') ? b1Error("v2", 401, 301) : null);
    expect(await readPrices(under, [{ sku: "SERVICE" }, { sku: "A-1" }])).toMatchObject([
      { kind: "found" },
      { kind: "failed", error: { code: "ERP_BAD_ANSWER" } },
    ]);
  });

  test("is ended by a logout when the gateway stops", async () => {
    await open();
    await health();
    await under.connector.close();
    expect(under.fake.logouts).toBe(1);
    expect(under.fake.sessions.size).toBe(0);
  });

  test("is not opened to be closed", async () => {
    await open();
    await under.connector.close();
    expect(under.fake.asked).toEqual([]);
  });

  test("tells the version at the start, and when it has become another one", async () => {
    await open();
    await health();
    under.fake.books.version = "1000230";
    under.fake.sessions.clear();
    await health();
    expect(under.logged).toEqual([
      [{ version: "1000190" }, expect.any(String)],
      [{ version: "1000230", before: "1000190" }, expect.stringContaining("changed")],
    ]);
  });
});

describe("a login that Service Layer refuses", () => {
  test("tells its code and the mend, neither user nor password, and is not tried again for five minutes", async () => {
    await open(b1Books(), { password: "wrong-secret" });
    const first = await health().catch((error: unknown) => error as Error);
    expect(first).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 300 });
    expect(String(first)).toMatch(/100000027.*SAPB1_PASSWORD/);
    expect(JSON.stringify([String(first), first, under.logged])).not.toMatch(/wrong-secret|pricelane is/);
    await under.clock.advance(299_000);
    await expect(health()).rejects.toBe(first);
    expect(under.fake.asked).toHaveLength(1);
    await under.clock.advance(2000);
    await health().catch(() => undefined);
    expect(under.fake.asked).toHaveLength(2);
  });

  test.each([
    [502, "<html>Proxy Error</html>", { code: "ERP_UNAVAILABLE", countsAsFailure: true }],
    [503, "", { code: "ERP_OVERLOADED", countsAsFailure: true }],
    [404, "", { code: "ERP_UNAVAILABLE", message: expect.stringContaining("ERP_URL") }],
    [400, '{"error":{"code":-5002}}', { code: "ERP_UNAVAILABLE", message: expect.stringContaining("(-5002)") }],
    [200, "<html>", { code: "ERP_BAD_ANSWER" }],
    [200, '{"SessionId":"a b; secret","Version":"1000190","SessionTimeout":30}', { code: "ERP_BAD_ANSWER" }],
  ])("with %d %j is told as what it is", async (status, text, told) => {
    await open();
    under.fake.books.fault = (request) => (request === "POST Login" ? { status, text } : null);
    const error = await health().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject(told);
    expect(String(error)).not.toContain("secret");
  });

  test("because the load balancer was away is tried anew by the next call", async () => {
    await open();
    under.fake.books.fault = () => ({ status: 502, text: "" });
    await expect(health()).rejects.toMatchObject({ code: "ERP_UNAVAILABLE" });
    under.fake.books.fault = () => null;
    await health();
  });
});

describe("what Service Layer says of itself", () => {
  test.each([
    [429, { "retry-after": "17" }, 0, { code: "ERP_OVERLOADED", countsAsFailure: false, holdSeconds: 17 }],
    [502, {}, 0, { code: "ERP_UNAVAILABLE", countsAsFailure: true }],
    [503, {}, 0, { code: "ERP_OVERLOADED", countsAsFailure: true }],
    [500, {}, 305, { code: "ERP_OVERLOADED", countsAsFailure: true }],
    [500, {}, -1000, { code: "ERP_UNAVAILABLE", mayBeOneKey: true }],
    [403, {}, -1, { code: "ERP_UNAVAILABLE", countsAsFailure: false }],
    [403, {}, -7, { message: expect.stringContaining("HTTP 403 (-7) to Currencies: check") }],
    [400, {}, -1000, { code: "ERP_BAD_ANSWER", mayBeOneKey: true }],
  ])(
    "%d with %j and code %d is told as what it is, without what its message quotes",
    async (status, headers, code, told) => {
      await open();
      under.fake.books.fault = (request) =>
        request === "POST Login" ? null : { ...b1Error("v1", status, code), headers };
      const error = await health().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject(told);
      expect(String(error)).not.toContain("Jane");
    },
  );

  test("too late is a time-out", async () => {
    const silent: Server = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    await open();
    const url = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/`);
    const late = createB1Connector({
      ...{ url, companyDb: "X", user: "u", password: "p", publicPriceList: 1, publicCustomer: null, warehouses: null },
      ...{ localCurrency: null, discount: null, timeZone: "UTC", maxConcurrency: 1, timeoutMs: 5000 },
      ...{ clock: under.clock, log: { info: () => undefined, warn: () => undefined } },
    });
    await expect(late.checkHealth(AbortSignal.timeout(20))).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
    await late.close();
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
  });

  test("on a part of a batch is that SKU's error alone, and those behind it are asked again", async () => {
    await open();
    under.fake.books.fault = (request) =>
      request.startsWith("POST CompanyService") && request.includes('"A-1"') ? b1Error("v2", 400, -5002) : null;
    const outcomes = await readPrices(under, [{ sku: "SERVICE" }, { sku: "A-1" }, { sku: "B 'X' & OR/%" }]);
    const said = "Service Layer answered HTTP 400 (-5002) to CompanyService_GetItemPrice";
    expect(outcomes).toMatchObject([
      { kind: "found" },
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: said } },
      { kind: "found" },
    ]);
    const counted = batches().map(({ parts }) => parts.length);
    expect(counted.slice(-2)).toEqual([4, 2]);
  });

  test("on parts of a batch that it goes on behind, where it heeds that wish, saves the other batches", async () => {
    await open({ ...b1Books(), goesOn: true });
    under.fake.books.fault = (request) =>
      request.startsWith("POST CompanyService") && request.includes('"A-1"') ? b1Error("v2", 400, -5002) : null;
    const before = batches().length;
    const outcomes = await readPrices(under, [{ sku: "SERVICE" }, { sku: "A-1" }, { sku: "B 'X' & OR/%" }]);
    expect(outcomes.map(({ kind }) => kind)).toEqual(["found", "failed", "found"]);
    // The ground data, the items, the prices.
    expect(batches().length - before).toBe(3);
  });

  test("of its own state on a part of a batch is not asked again for each SKU behind it", async () => {
    await open();
    under.fake.books.fault = (request) => (request.startsWith("POST CompanyService") ? b1Error("v2", 503, -1) : null);
    const before = batches().length;
    const outcomes = await readPrices(under, [{ sku: "SERVICE" }, { sku: "A-1" }, { sku: "B 'X' & OR/%" }]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ kind: "failed", error: { code: "ERP_OVERLOADED" } });
    expect(batches().length - before).toBe(3);
  });

  test.each([
    ["customer", "C2", "SERVICE"],
    ["item", "C1", "A-1"],
    ["item, and of many", "C1", null],
  ])("of a batch that is answered for another %s gives nobody another's price", async (_, customer, sku) => {
    await open();
    await readPrices(under, [{ sku: "A-1" }]);
    const told: string[] = [];
    under.fake.books.fault = (request) => {
      if (request !== "POST $batch" || told.push(request) !== 2) return null;
      const items = sku === null ? ["SERVICE", "A-1"] : [sku];
      const bodies = [
        { value: [{ CardCode: customer }] },
        { value: items.map((ItemCode) => ({ ItemCode })) },
        { Price: 1, Currency: "EUR", Discount: 0 },
      ];
      const parts = bodies.map(
        (body) => `--r\r\nContent-Type:application/http\r\n\r\nHTTP/1.1 200 OK\r\n\r\n${JSON.stringify(body)}\r\n`,
      );
      const headers = { "content-type": "multipart/mixed;boundary=r" };
      return { status: 200, text: `${parts.join("")}--r--\r\n`, headers };
    };
    expect(await readPrices(under, [{ sku: "SERVICE", scope: own("C1") }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("told another one") } },
    ]);
  });

  test("is asked for no more parts in one batch than a hundred, runs never cut", async () => {
    const books = b1Books();
    const steps = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [String(n + 2), 99 - n]));
    const areas = [periodRecord("2026-01-01", null, steps, 100)];
    books.lists["SpecialPrices"] = ["A-1", "SERVICE", "B 'X' & OR/%"].flatMap((sku) =>
      ["*1", "*2"].map((code) => specialRecord(sku, code, 100, { SpecialPriceDataAreas: areas })),
    );
    await open(books);
    const keys = ["C1", "C2"].flatMap((code) =>
      ["A-1", "SERVICE", "B 'X' & OR/%"].map((sku) => ({ sku, scope: own(code) })),
    );
    const outcomes = await readPrices(under, keys);
    for (const outcome of outcomes) expect(outcome).toMatchObject({ kind: "found", answer: { tiers: { length: 21 } } });
    const sizes = batches().map(({ parts }) => parts.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    // Two to name each price, and 21 quantities: four such in one batch, and two in another.
    expect(sizes.slice(-2)).toEqual([92, 46]);
  });
});
