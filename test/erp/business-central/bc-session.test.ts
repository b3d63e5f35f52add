import { afterEach, describe, expect, test } from "vitest";
import { createStockKey } from "../../../src/pricing/keys.js";
import { bcBooks, createTestBc, type TestBc } from "../../support/business-central.js";
import { bcError } from "../../support/business-central-fake.js";
import { callOf, own, readPrices } from "./bc-ask.js";

let under: TestBc;

async function open(...args: Parameters<typeof createTestBc>): Promise<void> {
  under = await createTestBc(...args);
}

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

const health = () => under.connector.checkHealth(AbortSignal.timeout(5000));

describe("the token of Business Central", () => {
  test("is asked for once by all who need it at the same time", async () => {
    await open();
    await Promise.all([health(), health(), readPrices(under, [{ sku: "A-1" }])]);
    expect(under.fake.tokensGiven).toBe(1);
  });

  test("is renewed five minutes before it ends, and not sooner", async () => {
    await open();
    await health();
    await under.clock.advance((3599 - 301) * 1000);
    await health();
    expect(under.fake.tokensGiven).toBe(1);
    await under.clock.advance(2000);
    await health();
    expect(under.fake.tokensGiven).toBe(2);
  });

  test("is renewed once where it was refused before its end, also for many at a time", async () => {
    await open();
    await health();
    under.fake.tokens.length = 0;
    await Promise.all([health(), health(), health()]);
    expect(under.fake.tokensGiven).toBe(2);
  });

  test("that is refused when new is the application's card that lacks, and is not asked for again", async () => {
    await open();
    under.fake.books.fault = (url) =>
      url.endsWith("/token") ? null : bcError(401, "Authentication_InvalidCredentials");
    const error = { code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 };
    await expect(health()).rejects.toMatchObject(error);
    expect(under.fake.tokensGiven).toBe(2);
  });

  test("is refused with Microsoft's number, without the secret, and not asked for again for ten seconds", async () => {
    await open(bcBooks(), { clientSecret: "wrong-secret" });
    const first = await health().catch((error: unknown) => error as Error);
    expect(first).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
    expect(String(first)).toContain("AADSTS7000215");
    expect(JSON.stringify([String(first), first])).not.toContain("wrong-secret");
    let asked = 0;
    under.fake.books.fault = () => {
      asked += 1;
      return null;
    };
    await expect(health()).rejects.toBe(first);
    expect(asked).toBe(0);
    await under.clock.advance(10_000);
    await health().catch(() => undefined);
    expect(asked).toBe(1);
  });

  test("is asked for anew by the next call where the login server was down", async () => {
    await open();
    under.fake.books.fault = (url) => (url.endsWith("/token") ? { status: 503, text: "" } : null);
    await expect(health()).rejects.toMatchObject({ code: "ERP_OVERLOADED" });
    under.fake.books.fault = () => null;
    await health();
  });
});

describe("what Business Central says of itself", () => {
  test.each([
    [429, {}, { code: "ERP_OVERLOADED", countsAsFailure: false, holdSeconds: 5 }],
    [429, { "retry-after": "17" }, { code: "ERP_OVERLOADED", countsAsFailure: false, holdSeconds: 17 }],
    [503, { "retry-after": "60" }, { code: "ERP_OVERLOADED", countsAsFailure: true, holdSeconds: 60 }],
    [504, {}, { code: "ERP_UNAVAILABLE", countsAsFailure: true }],
    [403, {}, { code: "ERP_UNAVAILABLE", countsAsFailure: false }],
    [400, {}, { code: "ERP_BAD_ANSWER", mayBeOneKey: true }],
  ])("%d with %j is told as what it is, without the records that its message quotes", async (status, headers, told) => {
    await open();
    under.fake.books.fault = (url) =>
      url.endsWith("/token") ? null : { ...bcError(status, "Application_DialogException"), headers };
    const error = await health().catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject(told);
    expect(String(error)).not.toMatch(/Jane|SECRET/);
  });

  test("of one part of a batch is that SKU's error alone, and the others are answered", async () => {
    await open();
    under.fake.books.fault = (url) =>
      url.includes("priceLines") && url.includes("'A-1'") ? bcError(400, "Application_DialogException") : null;
    const scope = own("C1");
    expect(
      await readPrices(under, [
        { sku: "A-1", scope },
        { sku: "SERVICE", scope },
      ]),
    ).toMatchObject([{ kind: "failed", error: { code: "ERP_BAD_ANSWER" } }, { kind: "found" }]);
  });

  test("that leaves parts of a batch out, or in another order, gives no SKU another's answer", async () => {
    await open();
    const item = (number: string, unitPrice: number) => ({
      ...{ number, unitPrice, blocked: false, priceIncludesTax: false, baseUnitOfMeasureCode: "PCS" },
    });
    const skus = Array.from({ length: 41 }, (_, n) => `N-${n}`);
    await readPrices(under, [{ sku: "A-1" }]);
    under.fake.books.fault = (url) => {
      const responses = [
        { id: "2", status: 200, body: { value: [item("N-40", 2)] } },
        { id: "0", status: 200, body: { value: [item("N-0", 1)] } },
      ];
      return url.endsWith("$batch") ? { status: 200, text: JSON.stringify({ responses }) } : null;
    };
    const outcomes = await readPrices(
      under,
      skus.map((sku) => ({ sku })),
    );
    expect([outcomes[0], outcomes[40]]).toMatchObject([{ answer: { unitPrice: "1" } }, { answer: { unitPrice: "2" } }]);
    expect(outcomes[20]).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
  });

  test("is asked in one session, from the replica but for prices, and told to go on after an error", async () => {
    await open();
    await readPrices(under, [{ sku: "A-1", scope: own("C1") }]);
    await under.connector.stock.readMany([createStockKey("A-1")], callOf(under));
    const batches = under.fake.asked.filter(({ url }) => url.endsWith("$batch"));
    for (const { headers } of batches) {
      expect(headers).toMatchObject({ isolation: "snapshot", prefer: "odata.continue-on-error" });
    }
    const intents = batches.map(({ url, headers }) => [url.includes("pricelane"), headers["data-access-intent"]]);
    expect(intents).toEqual([
      [false, "ReadOnly"],
      [true, undefined],
      [false, "ReadOnly"],
    ]);
  });

  test("without the extension is said at the start, and public prices and totals work", async () => {
    await open({ ...bcBooks(), hasExtension: false });
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([
      expect.stringContaining("extension is not installed"),
    ]);
    expect(await readPrices(under, [{ sku: "A-1" }])).toMatchObject([{ kind: "found" }]);
    expect(await readPrices(under, [{ sku: "A-1", scope: own("C1") }])).toMatchObject([
      { kind: "failed", error: { code: "ERP_BAD_ANSWER", message: expect.stringContaining("extension") } },
    ]);
  });

  test("with the extension has nothing to mend", async () => {
    await open();
    expect(await under.connector.checkSetup?.(AbortSignal.timeout(5000))).toEqual([]);
  });

  test("of companies is named where BC_COMPANY is wrong, or missing among several", async () => {
    await open(bcBooks(), { company: "Cronus" });
    await expect(readPrices(under, [{ sku: "A-1" }])).rejects.toThrow('"Cronus", and the companies');
    await under.connector.close();
    await under.fake.stop();
    await open(bcBooks(), { company: null });
    await expect(readPrices(under, [{ sku: "A-1" }])).rejects.toThrow('"CRONUS FR", "My Company"');
  });
});
