import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import { hangUp, html, problem } from "../support/port-answers.js";
import { erpToken, type Scenario, startScenario } from "./scenario.js";

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario();
});
afterAll(() => scenario.stop());

describe("in production", () => {
  test("the schema cannot be read from outside", async () => {
    for (const query of ["{ __schema { types { name } } }", '{ __type(name: "Price") { fields { name } } }']) {
      const answer = await scenario.ask(query);
      expect(answer.codes[0]).toBe("GRAPHQL_VALIDATION_FAILED");
      expect(answer.data ?? null).toBeNull();
    }
  });

  test("a slip of the pen is answered without a suggestion", async () => {
    for (const query of [
      "{ produkt }",
      '{ product(sku: "SKU-1") { pric { net { amount } } } }',
      '{ product(skus: "SKU-1") { sku } }',
      '{ product(sku: "SKU-1") { price { taxBasi } } }',
    ]) {
      const answer = await scenario.ask(query);
      expect(answer.codes).toContain("GRAPHQL_VALIDATION_FAILED");
      expect(answer.text).not.toMatch(/did you mean/i);
      expect(answer.text).not.toMatch(/publicPrice|taxBasis|products|"skus"/);
    }
  });

  test("there is no landing page, and nothing of it", async () => {
    for (const path of ["/", "/graphql", "/index.html", "/page.js", "/assets/page.js"]) {
      const response = await fetch(scenario.gateway.url + path, { headers: { accept: "text/html" } });
      expect([path, response.status >= 400]).toEqual([path, true]);
      expect(await response.text()).not.toMatch(/<html|graphiql/i);
    }
  });

  test("no answer tells where the ERP is or what it said, whatever befalls it", async () => {
    const one = (sku: number) => `{ product(sku: "SKU-${sku}") { price { net { amount } } stock { status } } }`;
    const ills = [problem(500), hangUp, html, problem(401), problem(400), problem(503)];
    for (const [index, ill] of ills.entries()) {
      for (const kind of ["price", "stock", "customer"] as const) scenario.erp.answer(kind, () => ill);
      const answer = await scenario.ask(one(index + 1), { token: buyer(`C${index + 1}`) });
      expect(answer.codes).toHaveLength(2);
      expect(answer.text).not.toMatch(/127\.0\.0\.1|ECONN|UND_ERR|socket|undici|http:\/\/|\.js|\.ts|erp_internal/i);
      for (const { extensions } of answer.errors) {
        expect(Object.keys(extensions ?? {}).filter((key) => key !== "code" && key !== "retryAfterSeconds")).toEqual(
          [],
        );
      }
    }
    scenario.erp.behave();
  });

  test("no log line holds a credential, though each failure is in the log", async () => {
    const { gateway } = scenario;
    await eventually("the log has warnings", () => gateway.logs.some(({ level }) => level === "warn"));
    const { printed } = gateway;
    expect(printed).not.toContain(erpToken);
    expect(printed).not.toContain("eyJhbGciOi");
  });

  test("headers tell nothing of what it is made of", async () => {
    const answer = await scenario.ask("{ viewer { audience } }");
    expect(answer.headers.get("x-powered-by")).toBeNull();
    expect(answer.headers.get("server")).toBeNull();
  });
});
