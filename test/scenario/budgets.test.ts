import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { type AskOptions, buyer, type GraphQLAnswer, mintToken } from "../support/graphql-client.js";
import { ownPrice, skus } from "./book.js";
import { readMetric } from "./read-metric.js";
import { type Scenario, startScenario } from "./scenario.js";

const prices = "query ($skus: [ID!]!) { products(skus: $skus) { price { audience net { amount } } } }";
/** Asks the ERP each time, so that each view costs what it shows. */
const liveStock = "query ($skus: [ID!]!) { products(skus: $skus) { stock(maxAgeSeconds: 0) { status } } }";

const burst = 10;

function askFor(scenario: Scenario, query: string, count: number, options: AskOptions = {}) {
  return scenario.ask(query, { ...options, variables: { skus: skus(count) } });
}

/** How many products were answered; the others must be RATE_LIMITED, stand at the end, and say when to ask again. */
function answeredOf(answer: GraphQLAnswer, field: "price" | "stock"): number {
  expect(answer.status).toBe(200);
  const products = (answer.data as { products: Record<string, unknown>[] }).products;
  const answered = products.findIndex((product) => product[field] === null);
  const count = answered < 0 ? products.length : answered;
  expect(answer.errors).toHaveLength(products.length - count);
  for (let index = count; index < products.length; index += 1) {
    const error = answer.errorAt(`products.${index}.${field}`);
    expect(error?.code).toBe("RATE_LIMITED");
    expect(error?.retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect(Number.isInteger(error?.retryAfterSeconds)).toBe(true);
  }
  return count;
}

describe("with a budget of a few keys, one more each second", () => {
  let scenario: Scenario;
  let startedAt: number;
  beforeAll(async () => {
    const settings = { CALLER_KEYS_PER_SECOND: "1", CALLER_KEYS_BURST: String(burst), TRUST_PROXY: "1" };
    scenario = await startScenario(settings);
    startedAt = Date.now();
  });
  afterAll(() => scenario.stop());
  beforeEach(() => scenario.erp.behave());

  /** What a caller may have cost by now, and no more. */
  const mostKeys = () => burst + Math.ceil((Date.now() - startedAt) / 1_000);
  const forwarded = (list: string): AskOptions => ({ headers: { "x-forwarded-for": list } });

  test("a logged-in scraper gets RATE_LIMITED, while another customer, the checkout and the feed go on", async () => {
    const { erp } = scenario;
    const answer = await askFor(scenario, prices, 60, { token: buyer("C1") });
    const answered = answeredOf(answer, "price");
    expect(answered).toBeGreaterThanOrEqual(burst - 1); // its own record cost one
    expect(answered).toBeLessThan(mostKeys());
    expect(answer.at("products.0.price")).toEqual({ audience: "CUSTOMER", net: { amount: ownPrice(1, 1) } });
    expect(erp.calls.flatMap(({ lines }) => lines)).toHaveLength(answered);

    expect(answeredOf(await askFor(scenario, prices, 5, { token: buyer("C2") }), "price")).toBe(5);
    const checkout = { token: buyer("C1", "checkout") };
    expect(answeredOf(await askFor(scenario, prices, 60, checkout), "price")).toBe(60);
    const feed = { token: mintToken({ scope: "feed" }) };
    expect(answeredOf(await askFor(scenario, prices, 60, feed), "price")).toBe(60);
    expect(answeredOf(await askFor(scenario, liveStock, 60, feed), "stock")).toBe(60);
  });

  test("hits are free, for a caller that has nothing left, too", async () => {
    const { erp } = scenario;
    const token = buyer("C5");
    const answered = answeredOf(await askFor(scenario, prices, 60, { token }), "price");
    erp.forgetCalls();
    for (let view = 0; view < 20; view += 1) {
      expect(answeredOf(await askFor(scenario, prices, answered, { token }), "price")).toBe(answered);
    }
    expect(erp.calls).toEqual([]);
  });

  test("a caller whose record its budget does not pay for sees RATE_LIMITED, never a public price or CUSTOMER_UNKNOWN", async () => {
    const token = buyer("C6");
    await askFor(scenario, liveStock, 60, { token });
    const query = `query ($skus: [ID!]!) {
      viewer { customer { code } } products(skus: $skus) { price { audience } }
    }`;
    const answer = await askFor(scenario, query, 60, { token });
    expect(answer.status).toBe(200);
    expect(new Set(answer.codes)).toEqual(new Set(["RATE_LIMITED"]));
    expect(answer.codeAt("products.59.price")).toBe("RATE_LIMITED");
    expect(answer.text).not.toContain("PUBLIC");
  });

  test("anonymous callers count by the address that the proxy saw, whatever they write before it", async () => {
    expect(answeredOf(await askFor(scenario, liveStock, 60, forwarded("198.51.100.1")), "stock")).toBe(burst);
    for (const invented of ["203.0.113.1, ", "203.0.113.2, 203.0.113.3, ", "unknown, "]) {
      const spoofed = await askFor(scenario, liveStock, 60, forwarded(`${invented}198.51.100.1`));
      expect(answeredOf(spoofed, "stock")).toBeLessThan(burst);
    }
    expect(answeredOf(await askFor(scenario, liveStock, 60, forwarded("198.51.100.2")), "stock")).toBe(burst);
  });

  test("the addresses of one IPv6 network share a budget", async () => {
    expect(answeredOf(await askFor(scenario, liveStock, 60, forwarded("2001:db8::1")), "stock")).toBe(burst);
    expect(answeredOf(await askFor(scenario, liveStock, 60, forwarded("2001:db8::2")), "stock")).toBeLessThan(burst);
    expect(answeredOf(await askFor(scenario, liveStock, 60, forwarded("2001:db8:0:1::1")), "stock")).toBe(burst);
  });

  test("a customer called like an address has a budget of its own", async () => {
    const address = "198.51.100.7";
    await askFor(scenario, liveStock, 60, forwarded(address));
    expect(answeredOf(await askFor(scenario, liveStock, 60, { token: buyer(address) }), "stock")).toBe(burst);
  });

  test("machines count by issuer and key, and a header does not help them", async () => {
    const machine = (iss: string) => ({
      token: mintToken({ scope: "storefront", iss }),
      ...forwarded(`10.0.0.${iss.length}`),
    });
    expect(answeredOf(await askFor(scenario, liveStock, 60, machine("shop")), "stock")).toBe(burst);
    const elsewhere = { ...machine("shop"), ...forwarded("198.51.100.9") };
    expect(answeredOf(await askFor(scenario, liveStock, 60, elsewhere), "stock")).toBeLessThan(burst);
    expect(answeredOf(await askFor(scenario, liveStock, 60, machine("other-shop")), "stock")).toBe(burst);
  });

  test("the metrics tell by kind of caller what was charged and refused, and name nobody", async () => {
    await askFor(scenario, liveStock, 60, { token: buyer("C7") });
    const counted = (outcome: string) =>
      readMetric(scenario.gateway.url, "pricelane_caller_keys_total", { caller: "customer", outcome });
    expect(await counted("charged")).toBeGreaterThanOrEqual(burst);
    expect(await counted("refused")).toBeGreaterThanOrEqual(60 - mostKeys());
    const text = await (await fetch(`${scenario.gateway.url}/metrics`)).text();
    expect(text).toContain('pricelane_errors_total{code="RATE_LIMITED"}');
    expect(text).not.toMatch(/C7|198\.51\.100/);
  });

  test("the log names once which customer or machine met the end of its budget, and no address", async () => {
    for (let view = 0; view < 3; view += 1) await askFor(scenario, liveStock, 60, { token: buyer("C8") });
    await askFor(scenario, liveStock, 60, forwarded("198.51.100.8"));
    const lines = await eventually("the log tells it", () => {
      const told = scenario.gateway.logs.filter((line) => JSON.stringify(line).includes("customer:C8"));
      return told.length > 0 && told;
    });
    expect(lines).toMatchObject([{ level: "warn", msg: "a caller's budget of ERP keys is used up" }]);
    expect(scenario.gateway.printed).not.toContain("198.51.100.8");
  });
});

test("a caller that met the end of its budget may go on as it fills up", async () => {
  const scenario = await startScenario({ CALLER_KEYS_PER_SECOND: "100", CALLER_KEYS_BURST: "5" });
  try {
    const token = buyer("C1");
    expect(answeredOf(await askFor(scenario, liveStock, 60, { token }), "stock")).toBe(5);
    // Each look spends what has come back meanwhile, so it is the sum that grows.
    let answered = 0;
    await eventually("four times its burst is answered in the end", async () => {
      answered += answeredOf(await askFor(scenario, liveStock, 60, { token }), "stock");
      return answered >= 4 * 5;
    });
  } finally {
    await scenario.stop();
  }
});

test("where no proxy is trusted no header changes an anonymous caller's address", async () => {
  const scenario = await startScenario({ CALLER_KEYS_PER_SECOND: "1", CALLER_KEYS_BURST: String(burst) });
  try {
    expect(answeredOf(await askFor(scenario, liveStock, 60), "stock")).toBe(burst);
    for (const header of ["x-forwarded-for", "x-real-ip", "cf-connecting-ip", "forwarded", "true-client-ip"]) {
      const spoofed = await askFor(scenario, liveStock, 60, { headers: { [header]: "203.0.113.1" } });
      expect(answeredOf(spoofed, "stock")).toBeLessThan(burst);
    }
  } finally {
    await scenario.stop();
  }
});

test("where a header is trusted it tells the address, and X-Forwarded-For does not", async () => {
  const settings = { CALLER_KEYS_PER_SECOND: "1", CALLER_KEYS_BURST: String(burst), TRUST_PROXY: "CF-Connecting-IP" };
  const scenario = await startScenario(settings);
  const from = (address: string, claimed: string) => ({
    headers: { "cf-connecting-ip": address, "x-forwarded-for": claimed },
  });
  try {
    expect(answeredOf(await askFor(scenario, liveStock, 60, from("198.51.100.1", "203.0.113.1")), "stock")).toBe(burst);
    const again = await askFor(scenario, liveStock, 60, from("198.51.100.1", "203.0.113.2"));
    expect(answeredOf(again, "stock")).toBeLessThan(burst);
    expect(answeredOf(await askFor(scenario, liveStock, 60, from("198.51.100.2", "203.0.113.1")), "stock")).toBe(burst);
  } finally {
    await scenario.stop();
  }
});

test("with a budget of 0 keys a second nobody is counted", async () => {
  const scenario = await startScenario({ CALLER_KEYS_PER_SECOND: "0", CALLER_KEYS_BURST: "1" });
  try {
    for (let view = 0; view < 3; view += 1) {
      expect(answeredOf(await askFor(scenario, liveStock, 60, { token: buyer("C1") }), "stock")).toBe(60);
    }
  } finally {
    await scenario.stop();
  }
});
