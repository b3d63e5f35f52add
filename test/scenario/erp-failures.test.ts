import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import { type Answer, hang, hangUp, hangUpMidAnswer, problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($sku: ID!) { product(sku: $sku) { sku price { net { amount } } stock { status } } }`;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ ERP_TIMEOUT_MS: "700" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

let nextSku = 0;
const freshSku = () => {
  nextSku += 1;
  return `SKU-${nextSku}`;
};

/** Calls that go well, so that the failures of this file neither stand in a row nor are most of all. */
async function calm(): Promise<void> {
  scenario.erp.behave();
  for (let call = 0; call < 3; call += 1) {
    const answer = await scenario.ask(`{ product(sku: "SKU-60") { price(maxAgeSeconds: 0) { net { amount } } } }`);
    expect(answer.errors).toEqual([]);
  }
}

async function askOfIll(answer: Answer) {
  await calm();
  scenario.erp.forgetCalls();
  scenario.erp.answer("price", () => answer);
  const sku = freshSku();
  const told = await scenario.ask(query, { variables: { sku } });
  expect(told.status).toBe(200);
  expect(told.at("product")).toEqual({ sku, price: null, stock: { status: "IN_STOCK" } });
  expect(told.errors).toHaveLength(1);
  return told;
}

describe("what the ERP does with a price call is that price's error, and stock beside it stands", () => {
  test.each([
    ["401", problem(401), "ERP_UNAVAILABLE"],
    ["403", problem(403), "ERP_UNAVAILABLE"],
    ["500", problem(500), "ERP_UNAVAILABLE"],
    ["502", problem(502), "ERP_UNAVAILABLE"],
    ["hanging up", hangUp, "ERP_UNAVAILABLE"],
    ["hanging up in the middle of the answer", hangUpMidAnswer, "ERP_UNAVAILABLE"],
    ["silence beyond ERP_TIMEOUT_MS", hang, "ERP_TIMEOUT"],
  ])("%s passes by itself", async (_what, answer, code) => {
    const told = await askOfIll(answer);
    expect(told.errorAt("product.price")?.code).toBe(code);
    expect(told.errorAt("product.price")?.retryAfterSeconds).toBeGreaterThanOrEqual(1);
  });

  test.each([
    ["400", problem(400)],
    ["404", problem(404)],
    ["422", problem(422)],
  ])("%s does not pass by itself", async (_what, answer) => {
    const told = await askOfIll(answer);
    expect(told.errorAt("product.price")).toEqual({ code: "ERP_BAD_ANSWER", retryAfterSeconds: undefined });
  });

  test("a redirect is not followed, since the credential would go along", async () => {
    const { erp } = scenario;
    const told = await askOfIll(problem(307, { location: `${erp.url}/elsewhere` }));
    expect(told.codeAt("product.price")).toBe("ERP_BAD_ANSWER");
    expect(erp.calls.filter(({ path }) => path.includes("elsewhere"))).toEqual([]);
  });
});

test("a refused credential is not tried again, and is an error in the log", async () => {
  const errors = () => scenario.gateway.logs.filter(({ level }) => level === "error").length;
  const before = errors();
  await askOfIll(problem(401));
  expect(scenario.erp.count("price")).toBe(1);
  // Lines come by a pipe of their own, later than the answer.
  await eventually("the log has an error more", () => errors() > before);
});

test("a price call that hangs holds up neither other requests nor the fields of other kinds", async () => {
  await calm();
  scenario.erp.answer("price", ({ lines }, regular) => (lines.some(({ sku }) => sku === "SKU-50") ? hang : regular));
  const hanging = scenario.ask(query, { variables: { sku: "SKU-50" } });
  const swift = await scenario.ask(query, { variables: { sku: "SKU-51" } });
  expect(swift.at("product.price.net.amount")).toBe("1051.00");
  const told = await hanging;
  expect(told.codeAt("product.price")).toBe("ERP_TIMEOUT");
  expect(told.at("product.stock.status")).toBe("IN_STOCK");
});

test("while the ERP is gone every field has its own error, and when it is back so are the answers", async () => {
  await calm();
  await scenario.erp.stop();
  const gone = await scenario.ask(query, { token: buyer("C1"), variables: { sku: "SKU-55" } });
  await scenario.erp.listen();
  expect(gone.status).toBe(200);
  expect(gone.at("product")).toEqual({ sku: "SKU-55", price: null, stock: null });
  expect(gone.codeAt("product.price")).toBe("ERP_UNAVAILABLE");
  expect(gone.codeAt("product.stock")).toBe("ERP_UNAVAILABLE");
  const back = await scenario.ask(query, { token: buyer("C2"), variables: { sku: "SKU-56" } });
  expect(back.errors).toEqual([]);
});
