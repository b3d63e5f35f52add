import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { buyer, type GraphQLAnswer, mintToken } from "../support/graphql-client.js";
import { createGate, hang, problem } from "../support/port-answers.js";
import { type Scenario, startScenario } from "./scenario.js";

const query = `query ($input: ValidateCartInput!) { validateCart(input: $input) {
  verdict reasons { code } netTotal { amount currency } grossTotal { amount } quote { id } validatedAt
  lines { key price stock net { amount } lineNet { amount } available restockDate quoteStatus reasons { code } freshness { source computedAt } } } }`;
const pageQuery = `query ($sku: ID!) { product(sku: $sku) { price { net { amount } } stock { available } } }`;
const deadlineMs = 700;

let scenario: Scenario;
beforeAll(async () => {
  scenario = await startScenario({ DEADLINE_CHECKOUT_MS: String(deadlineMs), ERP_TIMEOUT_MS: "4000" });
});
afterAll(() => scenario.stop());
beforeEach(() => scenario.erp.behave());

type Line = Readonly<Record<string, unknown>>;
const line = (parts: Line = {}): Line => ({ key: "1", sku: "SKU-1", quantity: "1", ...parts });

function validate(lines: readonly Line[], customer: string | null = "C1", input: Line = {}): Promise<GraphQLAnswer> {
  const token = mintToken({ scope: "checkout", ...(customer === null ? {} : { sub: customer }) });
  return scenario.ask(query, { token, variables: { input: { lines, ...input } } });
}

const verdict = (answer: GraphQLAnswer) => answer.at("validateCart.verdict");
const lineAt = (answer: GraphQLAnswer, index = 0) =>
  answer.at(`validateCart.lines.${index}`) as Record<string, unknown>;
const codesOf = (value: unknown) => ((value as { reasons: { code: string }[] }).reasons ?? []).map(({ code }) => code);

describe("a cart", () => {
  test("is judged by one call a kind, whatever stood in memory", async () => {
    await scenario.ask(pageQuery, { token: buyer("C1"), variables: { sku: "SKU-1" } });
    scenario.erp.prices.set("C1|SKU-1", { unitPrice: "8.10", taxRate: "20", tiers: [] });
    scenario.erp.stock.set("SKU-1", { warehouses: { LYON: "2" } });
    scenario.erp.forgetCalls();
    const before = Date.now();
    const answer = await validate([
      line({ quantity: "3", shownNet: "101.15" }),
      ...Array.from({ length: 30 }, (_, n) => line({ key: `k${n}`, sku: `SKU-${n + 2}` })),
    ]);
    expect(answer.errors).toEqual([]);
    expect(
      ["customer", "price", "stock"].map((kind) => scenario.erp.calls.filter((call) => call.kind === kind).length),
    ).toEqual([1, 1, 1]);
    expect(lineAt(answer)).toMatchObject({
      ...{ price: "DROPPED", stock: "PARTIAL", available: "2", net: { amount: "8.10" }, lineNet: { amount: "24.30" } },
      freshness: { source: "ERP" },
    });
    expect(Date.parse(String(answer.at("validateCart.lines.0.freshness.computedAt")))).toBeGreaterThanOrEqual(
      before - 1,
    );
    expect(verdict(answer)).toBe("NEEDS_CONSENT");
    expect(answer.headers.get("cache-control")).toMatch(/no-store/);
  });

  test("is dated by when the ERP had told all, though another field of the request was answered before", async () => {
    const gate = createGate();
    scenario.erp.answer("price", async (_call, regular) => {
      await gate.opened;
      return regular;
    });
    const both = `query ($input: ValidateCartInput!) { viewer { customer { freshness { ageSeconds } } }
      validateCart(input: $input) { validatedAt quote { expiresAt } } }`;
    const token = mintToken({ scope: "checkout", sub: "C1" });
    const asked = scenario.ask(both, { token, variables: { input: { lines: [line()] } } });
    await eventually("the ERP is asked for the price", async () => scenario.erp.count("price") || null);
    const told = Date.now();
    gate.open();
    const answer = await asked;
    expect(answer.errors).toEqual([]);
    const at = (field: string) => Date.parse(String(answer.at(`validateCart.${field}`)));
    expect(at("validatedAt")).toBeGreaterThanOrEqual(told - 1);
    expect(at("quote.expiresAt")).toBeGreaterThan(at("validatedAt"));
  });

  test("that is validated again is judged again, and nothing has become of the first time", async () => {
    scenario.erp.stock.set("SKU-2", { warehouses: { LYON: "5" } });
    scenario.erp.prices.set("C1|SKU-2", { unitPrice: "4", taxRate: "20", tiers: [] });
    const first = await validate([line({ sku: "SKU-2", quantity: "5", shownNet: "4.00" })]);
    const second = await validate([line({ sku: "SKU-2", quantity: "5", shownNet: "4.00" })]);
    expect([verdict(first), verdict(second)]).toEqual(["ACCEPT", "ACCEPT"]);
    scenario.erp.prices.set("C1|SKU-2", { unitPrice: "4.000001", taxRate: "20", tiers: [] });
    expect(lineAt(await validate([line({ sku: "SKU-2", quantity: "5", shownNet: "4.00" })]))["price"]).toBe("RAISED");
  });

  test("of two lines of one SKU shares its stock, each priced for its own quantity", async () => {
    scenario.erp.stock.set("SKU-3", { warehouses: { LYON: "10", PARIS: "2" }, backorder: false });
    const tiers = [
      { from: "1", unitPrice: "5" },
      { from: "10", unitPrice: "4" },
    ];
    scenario.erp.prices.set("C1|SKU-3", { unitPrice: "5", taxRate: "20", tiers });
    const answer = await validate([
      line({ sku: "SKU-3", quantity: "10" }),
      line({ key: "2", sku: "SKU-3", quantity: "3" }),
      line({ key: "3", sku: "SKU-3", quantity: "1", warehouse: "PARIS" }),
    ]);
    expect([0, 1, 2].map((n) => lineAt(answer, n)["stock"])).toEqual(["AVAILABLE", "PARTIAL", "OUT_OF_STOCK"]);
    expect([0, 1].map((n) => lineAt(answer, n)["lineNet"])).toEqual([{ amount: "40.00" }, { amount: "15.00" }]);
    expect(verdict(answer)).toBe("REJECT");
  });

  test("without a customer is validated at public prices; without the scope it is forbidden", async () => {
    const answer = await validate([line({ sku: "SKU-4" })], null);
    expect(lineAt(answer)["net"]).toEqual({ amount: "1004.00" });
    const refused = await scenario.ask(query, { token: buyer("C1"), variables: { input: { lines: [line()] } } });
    expect([refused.status, refused.codes]).toEqual([200, ["FORBIDDEN"]]);
    expect((await scenario.ask(query, { variables: { input: { lines: [line()] } } })).codes).toEqual(["FORBIDDEN"]);
  });

  test("of a blocked customer, or over its credit, is rejected with a reason; of an unknown one it is an error", async () => {
    scenario.erp.customers.set("BAD", { blocked: true });
    scenario.erp.customers.set("POOR", { currency: "EUR", creditLimit: "2000", creditAvailable: "1205.99" });
    const blocked = await validate([line({ sku: "SKU-5" })], "BAD");
    expect([verdict(blocked), codesOf(blocked.at("validateCart"))]).toEqual(["REJECT", ["CUSTOMER_BLOCKED"]]);
    const poor = await validate([line({ sku: "SKU-5" })], "POOR");
    expect([verdict(poor), codesOf(poor.at("validateCart"))]).toEqual(["REJECT", ["CREDIT_EXCEEDED"]]);
    scenario.erp.customers.set("POOR", { currency: "EUR", creditAvailable: "1206.00" });
    expect(verdict(await validate([line({ sku: "SKU-5" })], "POOR"))).toBe("ACCEPT");
    expect((await validate([line()], "NOBODY")).codes).toEqual(["CUSTOMER_UNKNOWN"]);
  });

  test("in yen has none of its decimals, and the ERP's poisoned and unknown lines spoil only themselves", async () => {
    scenario.erp.prices.set("C1|SKU-6", { unitPrice: "10.5", currency: "JPY", taxRate: "10", priceUnit: "100" });
    scenario.erp.answerLines("price", (each) => (each["sku"] === "SKU-7" ? { ...each, unitPrice: "1e3" } : each));
    const answer = await validate(
      [line({ sku: "SKU-6", quantity: "333" }), line({ key: "2", sku: "SKU-7" }), line({ key: "3", sku: "NONE" })],
      "C1",
      { currency: "JPY" },
    );
    expect(answer.errors).toEqual([]);
    expect([0, 1, 2].map((n) => lineAt(answer, n)["price"])).toEqual(["UNCHANGED", "UNVERIFIED", "UNKNOWN_SKU"]);
    expect(lineAt(answer)["lineNet"]).toEqual({ amount: "35" });
    expect(verdict(answer)).toBe("REJECT");
  });
});

describe("a cart that cannot be meant", () => {
  test.each([
    ["0", /above 0/],
    ["-1", /above 0/],
    ["1e3", /exact decimal/],
    ["NaN", /exact decimal/],
    ["", /exact decimal/],
    ["1.0000001", /exact decimal/],
  ])("with the quantity %j is refused whole, and the ERP is not asked", async (quantity, mend) => {
    const answer = await validate([line(), line({ key: "2", quantity })]);
    expect([answer.codes, answer.data ?? null]).toEqual([["BAD_USER_INPUT"], null]);
    expect(answer.errors[0]?.message).toMatch(mend);
    expect(scenario.erp.calls).toEqual([]);
  });

  test("with 3,000 lines, or by aliases more keys than a request may ask, is refused unasked", async () => {
    const many = await validate(Array.from({ length: 3_000 }, (_, n) => line({ key: `${n}` })));
    expect([many.codes, many.errors[0]?.message]).toEqual([["BAD_USER_INPUT"], expect.stringContaining("3000 lines")]);
    const aliases = ["a", "b", "c"].map((alias) => `${alias}: validateCart(input: $${alias}) { verdict }`);
    const inputs = ["a", "b", "c"].map((alias) => [
      alias,
      { lines: Array.from({ length: 200 }, (_, n) => line({ key: `${n}`, sku: `${alias}${n}` })) },
    ]);
    const asked = await scenario.ask(
      `query ($a: ValidateCartInput!, $b: ValidateCartInput!, $c: ValidateCartInput!) { ${aliases.join(" ")} }`,
      { token: mintToken({ scope: "checkout", sub: "C1" }), variables: Object.fromEntries(inputs) },
    );
    expect(asked.codes).toEqual(["BAD_USER_INPUT"]);
    expect(scenario.erp.calls).toEqual([]);
  });
});

describe("a quote", () => {
  const quoting = `query ($input: ValidateCartInput!) { validateCart(input: $input) { verdict quote { token expiresAt }
    netTotal { amount } lines { price quoteStatus net { amount } } } }`;
  const order = (input: Line, customer = "C4") =>
    scenario.ask(quoting, { token: mintToken({ scope: "checkout", sub: customer }), variables: { input } });
  const lines = [line({ sku: "SKU-20", quantity: "2" }), line({ key: "2", sku: "SKU-21" })];
  const priceOf = (sku: string, unitPrice: string) =>
    scenario.erp.prices.set(`C4|${sku}`, { unitPrice, taxRate: "20", tiers: [] });
  const statuses = (answer: GraphQLAnswer) => [0, 1].map((n) => answer.at(`validateCart.lines.${n}.quoteStatus`));

  test("holds for its customer and lines alone: the price may rise, or its source be down, but what fell is passed on", async () => {
    for (const sku of ["SKU-20", "SKU-21"]) priceOf(sku, "10.00");
    const quote = String((await order({ lines })).at("validateCart.quote.token"));
    expect(quote.split(".")).toHaveLength(3);
    priceOf("SKU-20", "12.00");
    priceOf("SKU-21", "9.00");
    const honoured = await order({ lines, quote });
    expect([verdict(honoured), statuses(honoured)]).toEqual(["ACCEPT", ["HONOURED", "HONOURED"]]);
    expect(honoured.at("validateCart.netTotal.amount")).toBe("29.00");
    const { quote: none, ...bare } = { lines, quote };
    expect([none === quote, (await order(bare)).at("validateCart.netTotal.amount")]).toEqual([true, "33.00"]);

    expect(statuses(await order({ lines, quote }, "C5"))).toEqual(["FOREIGN", "FOREIGN"]);
    expect(statuses(await order({ lines, quote: `${quote.slice(0, -8)}AAAAAAAA` }))).toEqual(["INVALID", "INVALID"]);
    const more = [{ ...lines[0], quantity: "3" }, lines[1]];
    expect(statuses(await order({ lines: more, quote }))).toEqual(["OTHER_LINE", "HONOURED"]);

    scenario.erp.answer("price", () => problem(500));
    const blind = await order({ lines, quote });
    expect([verdict(blind), blind.at("validateCart.netTotal.amount")]).toEqual(["ACCEPT", "30.00"]);
    scenario.erp.answer("stock", () => problem(500));
    expect(verdict(await order({ lines, quote }))).toBe("UNVERIFIED");
  });

  test("of a cart of 200 lines comes back in a request that is taken", async () => {
    const many = Array.from({ length: 200 }, (_, n) =>
      line({ key: `${n}`, sku: `SKU-${(n % 30) + 22}`, quantity: `0${n}.5` }),
    );
    for (const { sku } of many as unknown as { sku: string }[]) {
      scenario.erp.prices.set(`C4|${sku}`, {
        unitPrice: "1",
        taxRate: "20",
        tiers: [],
        minimumQuantity: "0.5",
        quantityIncrement: "0.5",
      });
      scenario.erp.stock.set(sku, { warehouses: { LYON: "100000" } });
    }
    const quote = (await order({ lines: many })).at("validateCart.quote.token");
    const again = await order({ lines: many, quote: quote as string });
    expect([again.errors, verdict(again)]).toEqual([[], "ACCEPT"]);
    expect(again.at("validateCart.lines.199.quoteStatus")).toBe("HONOURED");
  });
});

describe("with the ERP ill, a cart", () => {
  test("is unverified within the deadline where the ERP hangs, with what is last known", async () => {
    await scenario.ask(pageQuery, { token: buyer("C2"), variables: { sku: "SKU-8" } });
    scenario.erp.answer("price", () => hang);
    const before = Date.now();
    const answer = await validate([line({ sku: "SKU-8", shownNet: "208.25" }), line({ key: "2", sku: "SKU-9" })], "C2");
    expect(Date.now() - before).toBeLessThan(deadlineMs + 1_000);
    expect(answer.errors).toEqual([]);
    expect(verdict(answer)).toBe("UNVERIFIED");
    expect(lineAt(answer)).toMatchObject({
      ...{ price: "UNVERIFIED", stock: "AVAILABLE", net: { amount: "208.25" }, freshness: { source: "LAST_KNOWN" } },
    });
    expect(lineAt(answer, 1)).toMatchObject({ price: "UNVERIFIED", net: null, freshness: null });
    expect([answer.at("validateCart.netTotal"), answer.at("validateCart.quote")]).toEqual([null, null]);
  });

  test("is unverified within the deadline where the customer's record hangs, and no price is asked", async () => {
    scenario.erp.answer("customer", () => hang);
    const before = Date.now();
    const answer = await validate([line({ sku: "SKU-11" })], "C6");
    expect(Date.now() - before).toBeLessThan(deadlineMs + 1_000);
    expect([answer.errors, verdict(answer), scenario.erp.count("price")]).toEqual([[], "UNVERIFIED", 0]);
    expect(codesOf(answer.at("validateCart"))).toEqual(["CUSTOMER_UNVERIFIED", "LINES_UNVERIFIED"]);
    expect(lineAt(answer)).toMatchObject({ price: "UNVERIFIED", stock: "AVAILABLE", net: null });
  });

  test("is unverified, and no error, where every call fails; stock is never told from memory", async () => {
    await scenario.ask(pageQuery, { token: buyer("C3"), variables: { sku: "SKU-10" } });
    for (const kind of ["price", "stock", "customer"] as const) scenario.erp.answer(kind, () => problem(500));
    const answer = await validate([line({ sku: "SKU-10" })], "C3");
    expect(answer.errors).toEqual([]);
    expect(verdict(answer)).toBe("UNVERIFIED");
    expect(lineAt(answer)).toMatchObject({ price: "UNVERIFIED", stock: "UNVERIFIED", available: null });
    expect(codesOf(answer.at("validateCart"))).toEqual(["CUSTOMER_UNVERIFIED", "LINES_UNVERIFIED"]);
  });
});

test("a merchant may let last known prices through, up to a total, marked, and with live stock alone", async () => {
  const lenient = await startScenario({
    CHECKOUT_LAST_KNOWN_MINUTES: "30",
    CHECKOUT_LAST_KNOWN_MAX_TOTAL: "250 EUR",
    DEADLINE_CHECKOUT_MS: "700",
  });
  try {
    const token = mintToken({ scope: "checkout", sub: "C2" });
    const validateThere = (quantity: string) =>
      lenient.ask(query, { token, variables: { input: { lines: [line({ quantity })] } } });
    await lenient.ask(pageQuery, { token: buyer("C2"), variables: { sku: "SKU-1" } });
    lenient.erp.answer("price", () => problem(500));
    const passed = await validateThere("1"); // 201.25 and a fifth
    expect([verdict(passed), passed.at("validateCart.grossTotal.amount")]).toEqual(["ACCEPT", "241.50"]);
    expect(lineAt(passed)).toMatchObject({ price: "UNCHANGED", freshness: { source: "LAST_KNOWN" } });
    expect(codesOf(lineAt(passed))).toEqual(["PRICE_LAST_KNOWN"]);
    expect(passed.at("validateCart.quote")).toBeNull();
    expect(verdict(await validateThere("2"))).toBe("UNVERIFIED");
    lenient.erp.answer("stock", () => problem(500));
    expect(verdict(await validateThere("1"))).toBe("UNVERIFIED");
  } finally {
    await lenient.stop();
  }
});

test("the example of docs/checkout.md is answered as it stands there, and accepted once the buyer agreed", async () => {
  const page = readFileSync(new URL("../../docs/checkout.md", import.meta.url), "utf8");
  const block = (kind: string) => new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(page)?.[1] ?? "";
  scenario.erp.prices.set("C1|VALVE-1", { unitPrice: "9.90", taxRate: "20", tiers: [] });
  scenario.erp.prices.set("C1|PUMP-1", { unitPrice: "43.00", taxRate: "20", tiers: [] });
  scenario.erp.stock.set("VALVE-1", { warehouses: { LYON: "40" } });
  scenario.erp.stock.set("PUMP-1", { warehouses: { LYON: "4" }, restockDate: "2026-12-01" });
  const variables = JSON.parse(block("json variables")) as { input: { lines: Line[] } };
  const token = mintToken({ scope: "checkout", sub: "C1" });
  const answer = await scenario.ask(block("graphql"), { token, variables });
  expect(answer.errors).toEqual([]);
  expect(answer.at("validateCart")).toEqual(JSON.parse(block("json answer")));
  const agreed = variables.input.lines.map((each) =>
    each["key"] === "18" ? { ...each, quantity: "4", shownNet: "43.00" } : each,
  );
  expect(verdict(await scenario.ask(block("graphql"), { token, variables: { input: { lines: agreed } } }))).toBe(
    "ACCEPT",
  );
});
