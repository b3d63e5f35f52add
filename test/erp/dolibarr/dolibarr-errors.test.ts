import { afterEach, describe, expect, test } from "vitest";
import { createStockKey } from "../../../src/pricing/keys.js";
import { createTestConnector, type TestConnector } from "../../support/dolibarr.js";
import { dolibarrBooks } from "../../support/dolibarr-books.js";
import { leakedDb } from "../../support/dolibarr-fake.js";
import { priceKeyOf } from "../../support/samples.js";

let under: TestConnector;

afterEach(async () => {
  await under.connector.close();
  await under.fake.stop();
});

const sql =
  "Error when retrieve product list : Unknown column 't.nope' in 'where clause' SELECT t.rowid FROM llx_product";
const restler = (code: number, message: string) => JSON.stringify({ error: { code, message } });

/** How the list of products fails, once the connector has read what stays as it is. */
async function readFailing(status: number, text: string, headers = {}) {
  under = await createTestConnector(dolibarrBooks("22.0.1"));
  under.fake.books.fault = () => ({ status, text, headers });
  const call = { sentAt: 0, signal: AbortSignal.timeout(5000) };
  return under.connector.prices.readMany([priceKeyOf({ sku: "A-1" })], call).then(
    ([outcome]) => {
      throw new Error(`answered ${JSON.stringify(outcome)}`);
    },
    (error: Error) => error,
  );
}

describe("an error of Dolibarr", () => {
  test("503 with its own words is SQL that failed: never retried, halved, and without the SQL", async () => {
    const error = await readFailing(503, restler(503, `Service Unavailable: ${sql}`));
    expect(error).toMatchObject({ code: "ERP_BAD_ANSWER", countsAsFailure: false, mayBeOneKey: true });
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/llx_|nope|where clause/);
  });

  test("503 of a busy database passes by itself", async () => {
    const error = await readFailing(503, restler(503, "Service Unavailable: Error : Too many connections"));
    expect(error).toMatchObject({ code: "ERP_OVERLOADED" });
  });

  test("503 of the web server in front is overload, with its Retry-After", async () => {
    const error = await readFailing(503, "<h1>Service Unavailable</h1>", { "retry-after": "7" });
    expect(error).toMatchObject({ code: "ERP_OVERLOADED", holdSeconds: 7 });
  });

  test.each([
    [401, "Unauthorized: Access not allowed"],
    [403, "Forbidden"],
  ])("%d names the key and the rights, and is no illness", async (status, message) => {
    const error = await readFailing(status, restler(status, message));
    expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 });
    expect(error.message).toContain("ERP_TOKEN");
  });

  // 18 refuses with 200, 20 and 22 with 403.
  test.each(["18.0.6", "20.0.2", "22.0.1"])(
    "the firewall's is a matter of what was asked, and no wrong key's nor a wrong address's, on %s",
    async (version) => {
      under = await createTestConnector(dolibarrBooks(version));
      const call = { sentAt: 0, signal: AbortSignal.timeout(5000) };
      const read = (...skus: string[]) =>
        under.connector.prices.readMany(
          skus.map((sku) => priceKeyOf({ sku })),
          call,
        );
      await expect(read("SELECT FROM", "A-1")).rejects.toMatchObject({
        code: "ERP_BAD_ANSWER",
        message: expect.stringContaining("rename the ref or code"),
        countsAsFailure: false,
        mayBeOneKey: true,
      });
      // Which pairs of SKUs look like an attack, and only as pairs, is known before: they share no call.
      const pairs = await read("UNION-1", "A-1", "SELECT-1", "UPDATE", "x-set a=b");
      expect(pairs.map(({ kind }) => kind)).toEqual(["unknown", "found", "unknown", "unknown", "unknown"]);
    },
  );

  test("a wrong address is said to be one, and is no empty list", async () => {
    expect(await readFailing(404, "<h1>Not Found</h1>")).toMatchObject({ code: "ERP_BAD_ANSWER" });
    await under.connector.close();
    await under.fake.stop();
    expect(await readFailing(404, restler(404, "Not Found"))).toMatchObject({ code: "ERP_BAD_ANSWER" });
  });

  test("a page instead of JSON names the mend and quotes nothing", async () => {
    const error = await readFailing(200, `<b>Warning</b>: ${leakedDb.database_pass} in /srv/dolibarr`);
    expect(error).toMatchObject({ code: "ERP_BAD_ANSWER", mayBeOneKey: true });
    expect(error.message).toContain("is ERP_URL its address");
    expect(`${error.message} ${String(error.cause)}`).not.toContain(leakedDb.database_pass);
  });

  test.each([
    [202, "This website or feature is currently temporarily not available or failed after a technical error."],
    [202, `DolibarrHasDetectedError.<br>\n<b>Message:</b> host=${leakedDb.database_host}, Failed to connect`],
    [200, "Sorry, your application is offline."],
    [200, "Module <b>Api</b> must be enabled."],
  ])("%d with a page is an ERP that cannot be asked, and nothing of it is quoted", async (status, page) => {
    const error = await readFailing(status, page);
    expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: true, mayBeOneKey: false });
    expect(`${error.message} ${String(error.cause)}`).not.toContain(leakedDb.database_host);
  });

  test.each([
    [503, "APIs are not allowed from the IP 10.0.0.9", "API_RESTRICT_ON_IP"],
    [501, "The API with endpoint /products is forbidden by config API_ENDPOINT_RULES", "API_ENDPOINT_RULES"],
    [501, "API not found (failed to include API file)", "module"],
  ])("%d of a Dolibarr that keeps us out names the mend, and is no illness", async (status, page, mend) => {
    const error = await readFailing(status, page);
    expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 });
    expect(error.message).toContain(mend);
  });

  test("500 may be one key's", async () => {
    expect(await readFailing(500, "")).toMatchObject({ code: "ERP_UNAVAILABLE", mayBeOneKey: true });
  });

  test("of one kind is no error of another", async () => {
    under = await createTestConnector(dolibarrBooks("22.0.1"));
    under.fake.books.fault = ({ pathname }) =>
      pathname.endsWith("/warehouses") ? { status: 403, text: restler(403, "Forbidden") } : null;
    const call = { sentAt: 0, signal: AbortSignal.timeout(5000) };
    await expect(under.connector.stock.readMany([createStockKey("A-1")], call)).rejects.toMatchObject({
      code: "ERP_UNAVAILABLE",
    });
    expect(await under.connector.prices.readMany([priceKeyOf({ sku: "A-1" })], call)).toMatchObject([
      { kind: "found" },
    ]);
  });

  test("of a slow start passes: who waits too long is told so, and the next one is answered", async () => {
    under = await createTestConnector(dolibarrBooks("22.0.1", { fault: () => "hang" }), { timeoutMs: 300 });
    const read = (signal: AbortSignal) =>
      under.connector.prices.readMany([priceKeyOf({ sku: "A-1" })], { sentAt: 0, signal });
    await expect(read(AbortSignal.timeout(50))).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
    under.fake.books.fault = () => null;
    await under.clock.advance(4 * 300);
    expect(await read(AbortSignal.timeout(5000))).toMatchObject([{ kind: "found" }]);
  });

  test("at the start is said before anybody asks", async () => {
    under = await createTestConnector(dolibarrBooks("22.0.1", { apiKey: "another-key" }));
    expect(under.said).toMatchObject([{ level: "warn", text: "Dolibarr could not be asked at the start" }]);
  });
});
