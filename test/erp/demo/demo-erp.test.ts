import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { startDemoErp } from "../../../src/erp/demo/demo-erp.js";
import { ask, until, withErp } from "./ask.js";
import { ManualClock } from "./manual-clock.js";
import {
  wrongInChanges,
  wrongInCustomer,
  wrongInPriceLine,
  wrongInProblem,
  wrongInProducts,
  wrongInStockItem,
} from "./port-shapes.js";

type Line = Record<string, unknown> & { ref: string };

function lineOf(ref: number, customer: string | null, sku: string, quantity = "10"): Line {
  return { ref: String(ref), customer, sku, quantity };
}

describe("the ERP port as the demonstration ERP serves it", () => {
  test("one call prices several customers and the public, one answer a line, each with its echo", async () => {
    await withErp({}, async (erp) => {
      const customers = [null, "C0001", "C0004", "C0005", "C0301"];
      const lines = [...erp.sampleSkus, "NO-SUCH"].flatMap((sku, at) =>
        customers.map((customer, c) => lineOf(at * 5 + c, customer, sku)),
      );
      const { status, body } = await ask(erp, "/v1/prices", { lines });
      const answers = body["lines"] as Line[];
      expect(status).toBe(200);
      expect(answers.flatMap(wrongInPriceLine)).toEqual([]);
      const echo = ({ ref, customer, sku }: Line) => JSON.stringify([ref, customer, sku]);
      expect(answers.map(echo).sort()).toEqual(lines.map(echo).sort());
      expect(answers.filter(({ status }) => status === "unknown")).toHaveLength(4);
      expect(answers.filter(({ status }) => status === "unknown-customer")).toHaveLength(25);
    });
  });

  test("shuffled or not, the answers are the same, and only unshuffled are they in the order asked", async () => {
    const clock = new ManualClock();
    const read = (shuffle: boolean) =>
      withErp({ shuffle, clock }, async (erp) => {
        const lines = erp.sampleSkus.map((sku, at) => lineOf(at, "C0004", sku));
        return (await ask(erp, "/v1/prices", { lines })).body["lines"] as Line[];
      });
    const [inOrder, mixed] = [await read(false), await read(true)];
    const byRef = (a: Line, b: Line) => Number(a.ref) - Number(b.ref);
    expect(inOrder.map(({ ref }) => Number(ref))).toEqual(inOrder.map((_, at) => at));
    expect(mixed).not.toEqual(inOrder);
    expect(mixed.sort(byRef)).toEqual(inOrder);
  });

  test("stock, customers, changes and health keep to the port's description", async () => {
    await withErp({}, async (erp) => {
      const stock = await ask(erp, "/v1/stock", { skus: [...erp.sampleSkus, "NO-SUCH"], warehouses: ["LYON"] });
      const items = stock.body["items"] as Record<string, unknown>[];
      expect(items.flatMap(wrongInStockItem)).toEqual([]);
      expect(items.filter(({ status }) => status === "unknown").map(({ sku }) => sku)).toEqual(["NO-SUCH"]);
      const customer = await ask(erp, "/v1/customers/C0001");
      expect(wrongInCustomer(customer.body)).toEqual([]);
      expect(customer.body["code"]).toBe("C0001");
      expect(wrongInChanges((await ask(erp, "/v1/changes")).body)).toEqual([]);
      expect((await ask(erp, "/v1/health")).status).toBe(200);
    });
  });

  test("the last page says that it is the last, be it full or not", async () => {
    await withErp({ skus: 300 }, async (erp) => {
      const nextOf = async (limit: number) => (await ask(erp, `/v1/products?limit=${limit}`)).body["next"];
      expect(await nextOf(299)).toBe("EMBA-00030");
      expect(await nextOf(300)).toBeNull();
      expect(await nextOf(301)).toBeNull();
    });
  });

  test("500 lines are not too many", async () => {
    await withErp({}, async (erp) => {
      const lines = Array.from({ length: 500 }, (_, at) => lineOf(at, null, "ELEC-00001"));
      expect((await ask(erp, "/v1/prices", { lines })).body["lines"]).toHaveLength(500);
    });
  });

  test.each([1, 7, 299, 300, 301, 1_000])("pages of %i cover every SKU once, in one order", async (limit) => {
    await withErp({ skus: 300 }, async (erp) => {
      const skus: string[] = [];
      let after: string | null = null;
      do {
        const page = await ask(erp, `/v1/products?limit=${limit}${after === null ? "" : `&after=${after}`}`);
        expect(wrongInProducts(page.body)).toEqual([]);
        skus.push(...(page.body["skus"] as string[]));
        after = page.body["next"] as string | null;
      } while (after !== null);
      expect(new Set(skus).size).toBe(300);
      expect(skus.slice(0, 24)).toEqual(erp.sampleSkus);
      expect(skus).toHaveLength(300);
    });
  });

  test.each([
    ["text that is no JSON", "/v1/prices", "{", "not JSON"],
    ["a body that is no object", "/v1/prices", [], "the body"],
    ["no lines", "/v1/prices", {}, "lines"],
    ["an empty list", "/v1/prices", { lines: [] }, "lines is empty"],
    [
      "a quantity as a number",
      "/v1/prices",
      { lines: [lineOf(1, null, "A"), { ...lineOf(2, null, "A"), quantity: 5 }] },
      "lines[1].quantity",
    ],
    ["a quantity with an exponent", "/v1/prices", { lines: [lineOf(1, null, "A", "1e3")] }, '"1e3"'],
    [
      "a line without a customer",
      "/v1/prices",
      { lines: [{ ref: "1", sku: "A", quantity: "1" }] },
      "lines[0].customer",
    ],
    ["a line without a ref", "/v1/prices", { lines: [{ customer: null, sku: "A", quantity: "1" }] }, "lines[0].ref"],
    ["one ref twice", "/v1/prices", { lines: [lineOf(1, null, "A"), lineOf(1, null, "B")] }, 'lines[1].ref "1"'],
    ["a currency in words", "/v1/prices", { lines: [{ ...lineOf(1, null, "A"), currency: "euro" }] }, '"euro"'],
    ["501 lines", "/v1/prices", { lines: Array.from({ length: 501 }, (_, at) => lineOf(at, null, "A")) }, "501"],
    ["501 SKUs", "/v1/stock", { skus: Array.from({ length: 501 }, () => "A") }, "501"],
    ["an SKU as a number", "/v1/stock", { skus: ["A", 7] }, "skus[1]"],
    ["warehouses as a text", "/v1/stock", { skus: ["A"], warehouses: "PARIS" }, "warehouses"],
    ["a limit of 0", "/v1/products?limit=0", undefined, '"0"'],
    ["a limit of 1001", "/v1/changes?limit=1001", undefined, '"1001"'],
    ["a page after a stranger", "/v1/products?after=NO-SUCH", undefined, "NO-SUCH"],
    ["a cursor that is none", "/v1/changes?since=then", undefined, "then"],
    ["a code that cannot be decoded", "/v1/customers/%E0%A4%A", undefined, "%E0%A4%A"],
  ])("%s is a bad request, and the problem names it", async (_, path, body, named) => {
    await withErp({}, async (erp) => {
      const answered = await ask(erp, path, body);
      expect(answered.status).toBe(400);
      expect(answered.headers.get("content-type")).toBe("application/problem+json");
      expect(wrongInProblem(answered.body)).toEqual([]);
      expect(answered.body["detail"]).toContain(named);
      expect((await ask(erp, "/v1/health")).status).toBe(200);
    });
  });

  test("fields that the port does not know are ignored", async () => {
    await withErp({}, async (erp) => {
      const lines = [{ ...lineOf(1, null, "ELEC-00001"), note: "urgent" }];
      expect((await ask(erp, "/v1/prices", { lines, trace: 1 })).status).toBe(200);
    });
  });

  test("an unknown customer or path is 404, a wrong method 405, a body over 1 MiB 413, each as a problem", async () => {
    await withErp({}, async (erp) => {
      const answers = [
        await ask(erp, "/v1/customers/C0301"),
        await ask(erp, "/v2/prices"),
        await ask(erp, "/demo/nothing"),
        await ask(erp, "/v1/prices"),
        await ask(erp, "/v1/prices", `{"pad":"${"x".repeat(1024 * 1024)}"}`),
      ];
      expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 405, 413]);
      expect(answers.flatMap(({ body }) => wrongInProblem(body))).toEqual([]);
      expect(answers.map(({ body }) => body["status"])).toEqual([404, 404, 404, 405, 413]);
    });
  });

  test("with a token set nothing is told without it, on any path", async () => {
    await withErp({ token: "s3cret" }, async (erp) => {
      for (const path of ["/v1/health", "/v1/customers/C0001", "/demo/stats", "/nowhere"]) {
        for (const authorization of [undefined, "Bearer wrong", "Bearer s3cret2", "Basic s3cret", "s3cret"]) {
          const headers = authorization === undefined ? {} : { authorization };
          const refused = await ask(erp, path, undefined, { headers });
          expect([path, authorization, refused.status]).toEqual([path, authorization, 401]);
          expect(refused.headers.get("www-authenticate")).toBe("Bearer");
        }
      }
      expect((await ask(erp, "/v1/health", undefined, { headers: { authorization: "Bearer s3cret" } })).status).toBe(
        200,
      );
    });
  });

  test("a shop learns each product's name, and the demonstration customers are customers", async () => {
    await withErp({}, async (erp) => {
      const { body } = await ask(erp, "/demo/products?limit=24");
      expect(body["products"]).toEqual(erp.sampleSkus.map((sku) => erp.card(sku)));
      expect(erp.card("ELEC-00001")?.name).toMatch(/^Disjoncteur/);
      expect(erp.card("NO-SUCH")).toBeNull();
      const records = await Promise.all(erp.demoCustomers.map(({ code }) => ask(erp, `/v1/customers/${code}`)));
      expect(records.map(({ body: record }) => record["priceScope"])).toEqual(["INDUSTRIE", "INSTALLATEUR", undefined]);
    });
  });
});

describe("the demonstration ERP under load", () => {
  test("over capacity it refuses with 503 and Retry-After, and answers again once it is through", async () => {
    const clock = new ManualClock();
    await withErp({ clock, workers: 2, queue: 2, latencyMs: 100 }, async (erp) => {
      const calls = Array.from({ length: 5 }, () => ask(erp, "/v1/health"));
      await until(() => erp.stats().refused === 1 && erp.stats().inFlight === 4);
      await clock.advance(10_000);
      const answers = await Promise.all(calls);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 503]);
      expect(answers.find(({ status }) => status === 503)?.headers.get("retry-after")).toMatch(/^[1-9]\d*$/);
      const next = ask(erp, "/v1/health");
      await until(() => erp.stats().inFlight === 1);
      await clock.advance(200);
      expect((await next).status).toBe(200);
    });
  });

  test("it counts calls, lines and most calls at once, in process and at /demo/stats alike", async () => {
    await withErp({}, async (erp) => {
      await ask(erp, "/v1/prices", { lines: [lineOf(1, null, "A"), lineOf(2, null, "B")] });
      await ask(erp, "/v1/stock", { skus: ["A", "B", "C"] });
      await ask(erp, "/v1/customers/C0001");
      const { body } = await ask(erp, "/demo/stats");
      expect(body).toEqual(erp.stats());
      expect(erp.stats()).toMatchObject({ lines: 5, peakInFlight: 1, inFlight: 0, refused: 0 });
      expect(erp.stats().calls).toMatchObject({ "/v1/prices": 1, "/v1/stock": 1, "/v1/customers/{code}": 1 });
      expect(erp.stats().linesByPath).toMatchObject({ "/v1/prices": 2, "/v1/stock": 3 });
      erp.resetStats();
      expect(erp.stats()).toMatchObject({ lines: 0, peakInFlight: 0, calls: { "/v1/prices": 0 } });
    });
  });

  test("a call whose caller has left is worked off all the same, and counted as wasted", async () => {
    const clock = new ManualClock();
    await withErp({ clock, workers: 1, latencyMs: 100 }, async (erp) => {
      const caller = new AbortController();
      const call = ask(erp, "/v1/health", undefined, { signal: caller.signal }).catch(() => "left");
      await until(() => erp.stats().inFlight === 1);
      caller.abort();
      expect(await call).toBe("left");
      // By the time it has answered others it has heard of the closed connection too.
      for (let others = 0; others < 3; others++) await ask(erp, "/demo/stats");
      expect(erp.stats().inFlight).toBe(1);
      await clock.advance(200);
      await until(() => erp.stats().inFlight === 0);
      expect(erp.stats().abandoned).toBe(1);
    });
  });
});

describe("faults of the demonstration ERP", () => {
  test("down: connections are cut, calls in hand are lost, and it comes back", async () => {
    const clock = new ManualClock();
    await withErp({ clock, latencyMs: 100 }, async (erp) => {
      const inHand = ask(erp, "/v1/health");
      const lost = expect(inHand).rejects.toThrow();
      await until(() => erp.stats().inFlight === 1);
      erp.setFault({ kind: "down" });
      await lost;
      await expect(ask(erp, "/v1/health")).rejects.toThrow();
      erp.setFault(null);
      const back = ask(erp, "/v1/health");
      await until(() => erp.stats().inFlight === 1);
      await clock.advance(200);
      expect((await back).status).toBe(200);
    });
  });

  test("down: a connection that asks nothing is cut too", async () => {
    await withErp({}, async (erp) => {
      erp.setFault({ kind: "down" });
      const socket = connect(Number(erp.url.port), "127.0.0.1");
      socket.on("error", () => {}); // cut by a reset, on some systems
      await new Promise((resolve) => socket.once("close", resolve));
    });
  });

  test("hang: a call is silent until the fault is lifted, and holds up no other path", async () => {
    await withErp({ workers: 1, queue: 0 }, async (erp) => {
      erp.setFault({ kind: "hang", path: "/v1/stock" });
      let answered = false;
      const hanging = ask(erp, "/v1/stock", { skus: ["ELEC-00001"] }).finally(() => {
        answered = true;
      });
      await until(() => erp.stats().inFlight === 1);
      expect((await ask(erp, "/v1/health")).status).toBe(200);
      erp.setFault({ kind: "hang", path: "/v1/stock" });
      expect((await ask(erp, "/v1/health")).status).toBe(200);
      expect(answered).toBe(false);
      erp.setFault(null);
      expect((await hanging).status).toBe(200);
    });
  });

  test("stopping lets no hanging call keep the process", async () => {
    const erp = await startDemoErp({ latencyMs: 0 });
    erp.setFault({ kind: "hang" });
    const hanging = expect(ask(erp, "/v1/health")).rejects.toThrow();
    await until(() => erp.stats().inFlight === 1);
    await erp.stop();
    await hanging;
    await erp.stop();
    await until(() => erp.stats().inFlight === 0);
  });

  test("error500, garbage and throttle answer as they say", async () => {
    await withErp({}, async (erp) => {
      erp.setFault({ kind: "error500" });
      const failed = await ask(erp, "/v1/health");
      expect([failed.status, wrongInProblem(failed.body)]).toEqual([500, []]);
      erp.setFault({ kind: "garbage" });
      expect(await ask(erp, "/v1/health")).toMatchObject({
        status: 200,
        body: { text: expect.stringContaining("<html>") },
      });
      erp.setFault({ kind: "throttle", retryAfterSeconds: 7 });
      const throttled = await ask(erp, "/v1/health");
      expect([throttled.status, throttled.headers.get("retry-after")]).toEqual([429, "7"]);
      erp.setFault(null);
      expect((await ask(erp, "/v1/health")).status).toBe(200);
    });
  });

  test("a poisoned SKU spoils the calls that name it, and no others", async () => {
    await withErp({}, async (erp) => {
      erp.setFault({ kind: "error500", path: "/v1/prices", sku: "ELEC-00001" });
      const statusOf = async (path: string, body: unknown) => (await ask(erp, path, body)).status;
      expect(
        await statusOf("/v1/prices", { lines: [lineOf(1, null, "PLOM-00001"), lineOf(2, null, "ELEC-00001")] }),
      ).toBe(500);
      expect(await statusOf("/v1/prices", { lines: [lineOf(1, null, "PLOM-00001")] })).toBe(200);
      expect(await statusOf("/v1/stock", { skus: ["ELEC-00001"] })).toBe(200);
    });
  });

  test("a fault that strikes a share strikes by the luck handed in", async () => {
    let luck = 0;
    await withErp({ random: () => luck }, async (erp) => {
      erp.setFault({ kind: "error500", share: 0.3 });
      const statuses = [];
      for (luck of [0, 0.29, 0.3, 0.9]) statuses.push((await ask(erp, "/v1/health")).status);
      expect(statuses).toEqual([500, 500, 200, 200]);
    });
  });

  test("slow multiplies the time of a call, a brownout takes workers away", async () => {
    const clock = new ManualClock();
    await withErp({ clock, workers: 4, queue: 0, latencyMs: 100, contention: 0, random: () => 0.5 }, async (erp) => {
      erp.setFault({ kind: "slow", factor: 3 });
      const slow = ask(erp, "/v1/health");
      await until(() => erp.stats().inFlight === 1);
      await clock.advance(299);
      expect(erp.stats().inFlight).toBe(1);
      await clock.advance(1);
      expect((await slow).status).toBe(200);
      erp.setFault({ kind: "brownout", workers: 1 });
      const calls = [ask(erp, "/v1/health"), ask(erp, "/v1/health")];
      await until(() => erp.stats().refused === 1);
      await clock.advance(100);
      expect((await Promise.all(calls)).map(({ status }) => status).sort()).toEqual([200, 503]);
    });
  });

  test.each([
    { kind: "slow", factor: -1 } as const,
    { kind: "slow", factor: Number.NaN } as const,
    { kind: "brownout", workers: 1.5 } as const,
    { kind: "down", share: 2 } as const,
    { kind: "throttle", retryAfterSeconds: -1 } as const,
  ])("a fault out of bounds is refused: %j", async (fault) => {
    await withErp({}, async (erp) => {
      expect(() => erp.setFault(fault)).toThrow(/of a fault must be/);
      expect((await ask(erp, "/v1/health")).status).toBe(200);
    });
  });
});

describe("starting the demonstration ERP", () => {
  test.each([
    [{ skus: 0 }, "skus must be a whole number from 1"],
    [{ workers: 0 }, "workers must be"],
    [{ port: 70_000 }, "port must be"],
    [{ latencyMs: -1 }, "latencyMs must be"],
    [{ perLineMs: Number.NaN }, "perLineMs must be"],
    [{ token: "" }, "token is empty"],
  ])("%j is refused in clear words", async (options, message) => {
    await expect(startDemoErp(options)).rejects.toThrow(message);
  });

  test("a port that is taken is said", async () => {
    await withErp({}, async (erp) => {
      const port = Number(erp.url.port);
      await expect(startDemoErp({ port })).rejects.toThrow(`cannot listen on port ${port} of 127.0.0.1`);
    });
  });

  test("with nothing said it holds 5,000 SKUs on the loopback", async () => {
    const erp = await startDemoErp();
    try {
      expect(erp.url.hostname).toBe("127.0.0.1");
      expect(erp.card("CAFE-00500")).not.toBeNull();
      expect(erp.card("ELEC-00501")).toBeNull();
    } finally {
      await erp.stop();
    }
  });
});
