import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createTrytonConnector, trytonConcurrency } from "../../../src/erp/tryton/tryton-connector.js";
import { ErpBadAnswer, ErpUnavailable } from "../../../src/errors.js";
import type { Change, Connector } from "../../../src/pricing/connector.js";
import { scopeOf } from "../../../src/pricing/customer.js";
import {
  createCustomerKey,
  createPriceKey,
  createStockKey,
  publicScope,
  type Scope,
  verifiedCustomer,
} from "../../../src/pricing/keys.js";
import { type Ladder, unitPriceAt } from "../../../src/pricing/ladder.js";
import type { ErpSource, Key, Outcome } from "../../../src/pricing/source.js";
import { describeWith } from "../../support/parts.js";
import { type ExpectedPrice, type RunningTryton, startTryton, startTrytonTimeoutMs } from "../../support/tryton.js";

describeWith("tryton", "the connector to a real Tryton", () => {
  let tryton: RunningTryton;
  let connector: Connector;

  beforeAll(async () => {
    tryton = await startTryton();
    connector = connect();
  }, startTrytonTimeoutMs);

  afterAll(async () => {
    await connector?.close();
    await tryton?.stop();
  });

  function connect(options: { password?: string; company?: string; database?: string } = {}): Connector {
    const { url, database, user, password, company } = tryton;
    const fixed = { timeoutMs: 20_000, maxConcurrency: trytonConcurrency, clock: systemClock };
    return createTrytonConnector({ url, database, user, password, company, ...fixed, ...options });
  }

  const call = () => ({ sentAt: Date.now(), signal: AbortSignal.timeout(30_000) });

  async function readAll<K extends Key, A>(source: ErpSource<K, A>, keys: readonly K[]): Promise<Outcome<A>[]> {
    const outcomes: Outcome<A>[] = [];
    for (let n = 0; n < keys.length; n += source.keysPerCall) {
      outcomes.push(...(await source.readMany(keys.slice(n, n + source.keysPerCall), call())));
    }
    return outcomes;
  }

  async function scopeFor(customer: string | null): Promise<Scope> {
    if (customer === null) return publicScope;
    const code = verifiedCustomer(customer);
    const [outcome] = await connector.customers.readMany([createCustomerKey(code)], call());
    if (outcome?.kind !== "found") throw new Error(`no customer ${customer}`);
    return scopeOf(code, outcome.answer);
  }

  async function readLadders(
    customer: string | null,
    skus: readonly string[],
    currency: string | null = null,
  ): Promise<Map<string, Outcome<Ladder>>> {
    const scope = await scopeFor(customer);
    const keys = skus.map((sku) => createPriceKey({ scope, sku, currency, quantity: "1", exactQuantity: false }));
    expect(new Set(keys.map((key) => connector.prices.groupOf(key))).size).toBe(1);
    const outcomes = await readAll(connector.prices, keys);
    return new Map(skus.map((sku, n) => [sku, outcomes[n] as Outcome<Ladder>]));
  }

  /** The same shape as what Tryton's own sales said, so that all differences show at once. */
  async function answersLike(wanted: readonly ExpectedPrice[]): Promise<unknown[]> {
    const answers = [];
    const byQuestion = new Map<string, Map<string, Outcome<Ladder>>>();
    for (const price of wanted) {
      const { customer, currency, sku, quantity } = price;
      const question = `${customer} ${currency}`;
      if (!byQuestion.has(question)) {
        const asked = wanted.filter((other) => other.customer === customer && other.currency === currency);
        const skus = [...new Set(asked.map((other) => other.sku))];
        byQuestion.set(question, await readLadders(customer, skus, currency === "EUR" ? null : currency));
      }
      const outcome = byQuestion.get(question)?.get(sku);
      if (outcome?.kind !== "found") throw new Error(`${customer} ${sku}: ${JSON.stringify(outcome)}`);
      const { answer } = outcome;
      expect(answer.onlyQuantity).toBeNull();
      answers.push({
        customer,
        sku: answer.sku,
        quantity,
        currency: answer.currency,
        unitPrice: unitPriceAt(answer, quantity),
        taxRate: answer.taxRate,
        unit: answer.unit,
        priceList: answer.priceList,
      });
    }
    return answers;
  }

  test("every price is the one that Tryton's own sale line gets, to the last decimal", {
    timeout: 120_000,
  }, async () => {
    const { prices } = tryton.expected;
    expect(prices.length).toBeGreaterThan(3000);
    expect(await answersLike(prices)).toEqual(prices);
  });

  test("stock of each warehouse is what can be promised by the count of Tryton's moves", async () => {
    const { stock } = tryton.expected;
    const skus = [...new Set(stock.map(({ sku }) => sku))];
    const outcomes = await readAll(connector.stock, skus.map(createStockKey));
    const answers = outcomes.flatMap((outcome) => {
      if (outcome.kind !== "found") throw new Error(JSON.stringify(outcome));
      const { sku, warehouses } = outcome.answer;
      return warehouses.map(({ code, available }) => ({ sku, warehouse: code, available }));
    });
    const order = (a: { sku: string; warehouse: string }, b: { sku: string; warehouse: string }) =>
      `${a.warehouse} ${a.sku}` < `${b.warehouse} ${b.sku}` ? -1 : 1;
    expect(answers.sort(order)).toEqual([...stock].sort(order));
  });

  test("customers come with the terms and the credit that Tryton's own sale would use", async () => {
    const { customers } = tryton.expected;
    const keys = customers.map(({ code }) => createCustomerKey(verifiedCustomer(code)));
    const outcomes = await readAll(connector.customers, keys);
    const answers = outcomes.map((outcome) => (outcome.kind === "found" ? outcome.answer : null));
    expect(answers).toEqual(
      customers.map(({ list, ...terms }) => ({
        ...terms,
        priceScope: expect.stringMatching(/^list-\d/),
        blocked: false,
      })),
    );
    const scopes = new Map(customers.map(({ code }, n) => [code, answers[n]?.priceScope]));
    expect(scopes.get("C-PERCENT")).toBe(scopes.get("C-PERCENT-2"));
    expect(scopes.get("C-PERCENT")).not.toBe(scopes.get("C-EXPORT"));
    expect(scopes.get("C-PERCENT")).not.toBe(scopes.get("C-BREAKS"));
  });

  test("what Tryton does not know or cannot price is that key's answer alone", async () => {
    const odd = ["NO-SUCH", "OLD-1", "INTERNAL-1", "TWIN-1", "TOOL-006", "TOOL-001", "HALF-TWIN-1"];
    const ladders = await readLadders("C-BREAKS", odd);
    for (const sku of ["NO-SUCH", "OLD-1", "INTERNAL-1"]) {
      expect(ladders.get(sku)).toMatchObject({ kind: "unknown", what: "sku" });
    }
    const twin = ladders.get("TWIN-1");
    expect(twin?.kind === "failed" && twin.error).toBeInstanceOf(ErpBadAnswer);
    expect(twin?.kind === "failed" && twin.error.message).toContain('"TWIN-1"');
    expect(tryton.expected.poisoned).toContainEqual({ customer: "C-BREAKS", sku: "TOOL-006" });
    const poisoned = ladders.get("TOOL-006");
    expect(poisoned?.kind === "failed" && poisoned.error).toBeInstanceOf(ErpBadAnswer);
    expect(ladders.get("TOOL-001")?.kind).toBe("found");
    expect(ladders.get("HALF-TWIN-1")?.kind).toBe("found");
  });

  test("an unknown customer is unknown, for its record and for its prices", async () => {
    const nobody = verifiedCustomer("C-NOBODY");
    const [record] = await connector.customers.readMany([createCustomerKey(nobody)], call());
    expect(record).toMatchObject({ kind: "unknown", what: "customer" });
    const scope: Scope = { kind: "customer", customer: nobody };
    const key = createPriceKey({ scope, sku: "VALVE-001", currency: null, quantity: "1", exactQuantity: false });
    expect((await connector.prices.readMany([key], call()))[0]).toMatchObject({ kind: "unknown", what: "customer" });
  });

  test("a currency that Tryton has no rate for, or does not have, is an error and no other price", async () => {
    const [unknown] = (await readLadders(null, ["VALVE-001"], "XXX")).values();
    expect(unknown).toMatchObject({ kind: "failed", error: { code: "BAD_USER_INPUT" } });
    const [unrated] = (await readLadders(null, ["VALVE-001"], "GBP")).values();
    expect(unrated).toMatchObject({ kind: "failed", error: { code: "ERP_BAD_ANSWER" } });
  });

  test("a price ends where a line of the list begins or is over", async () => {
    const year = new Date().getUTCFullYear();
    const [dated] = (await readLadders("C-DATED", ["VALVE-001"])).values();
    const ends = dated?.kind === "found" ? new Date(dated.answer.validUntil ?? 0).toISOString() : "";
    expect(ends).toMatch(/^2090-\d\d-01T00:00:00.000Z$/);
    expect(year).toBeLessThan(2090);
  });

  test("the products for sale come page by page, each once", async () => {
    const skus: string[] = [];
    let after: string | null = null;
    do {
      const page: { skus: string[]; next: string | null } = await connector.products!.readPage(after, 7, call().signal);
      skus.push(...page.skus);
      after = page.next;
    } while (after !== null);
    expect(skus).toEqual([...tryton.expected.sellable].sort());
  });

  test("an ended session is opened again by the calls that find it ended", async () => {
    await tryton.endSessions();
    const reads = ["VALVE-001", "VALVE-002"].map((sku) => connector.stock.readMany([createStockKey(sku)], call()));
    expect((await Promise.all(reads)).map(([outcome]) => outcome?.kind)).toEqual(["found", "found"]);
  });

  test("a wrong password, company or database is told as what to mend, and never shows the password", async () => {
    const wrong = [{ password: "not-the-password" }, { company: "Another company" }, { database: "no-such-database" }];
    for (const options of wrong) {
      const other = connect(options);
      const error = await other.stock
        .readMany([createStockKey("VALVE-001")], call())
        .catch((thrown: unknown) => thrown);
      expect(String(error)).toMatch(/TRYTON_(PASSWORD|COMPANY|DATABASE)/);
      expect(error).toMatchObject({ countsAsFailure: false });
      expect(String(error)).not.toMatch(new RegExp(`not-the-password|${tryton.password}`));
      await other.close();
    }
    expect.assertions(9);
  });

  /** Polls as the gateway does, until the change is told. */
  async function changesUntil(since: string, isThere: (changes: Change[]) => boolean): Promise<Change[]> {
    const changes: Change[] = [];
    let cursor = since;
    for (let tries = 0; tries < 40; tries++) {
      const page = await connector.changes!.readChanges(cursor, 2, call().signal);
      changes.push(...page.changes);
      cursor = page.next;
      if (!page.more && isThere(changes)) return changes;
      if (!page.more) await new Promise((resolve) => setTimeout(resolve, 200));
    }
    throw new Error(`not told in time: ${JSON.stringify(changes)}`);
  }

  async function idOf(model: string, domain: unknown[]): Promise<number> {
    const ids = (await tryton.asAdmin(`model.${model}.search`, domain, 0, 1, null)) as number[];
    return ids[0] as number;
  }

  test("changes tell what was written in Tryton, once, oldest first", { timeout: 60_000 }, async () => {
    // What the tests' own database was made of is past for this cursor.
    const { next } = await connector.changes!.readChanges(null, 100, call().signal);
    const settled = await changesUntil(next, () => true);
    expect(settled).toEqual([]);
    const template = await idOf("product.template", [["products.code", "=", "VALVE-007"]]);
    const service = await idOf("product.template", [["products.code", "=", "SERVICE-1"]]);
    const customer = await idOf("party.party", [["code", "=", "C-FIXED"]]);
    const line = await idOf("product.price_list.line", [
      ["price_list.name", "=", "Fixed prices"],
      ["category", "!=", null],
    ]);
    const fixed = await idOf("product.price_list", [["name", "=", "Fixed prices"]]);
    const child = await idOf("product.price_list", [["name", "=", "Child"]]);
    const rule = await idOf("account.tax.rule", []);
    const price = { __class__: "Decimal", decimal: "99.5" };
    await tryton.asAdmin("model.product.template.write", [template], { list_price: price });
    await tryton.asAdmin("model.product.template.write", [service], { salable: false });
    await tryton.asAdmin("model.party.party.write", [customer], { sale_price_list: child });
    await tryton.asAdmin("model.product.price_list.line.write", [line], { formula: "unit_price * 0.5" });
    const changes = await changesUntil(next, (seen) => seen.some(({ priceScope }) => priceScope !== undefined));
    expect(changes).toEqual([
      { kind: "price", sku: "VALVE-007" },
      { kind: "removed", sku: "SERVICE-1" },
      { kind: "customer", customer: "C-FIXED" },
      { kind: "price", priceScope: `list-${fixed}` },
      { kind: "price", priceScope: `list-${fixed}/tax-rule-${rule}` },
    ]);
    const [valve] = (await readLadders(null, ["VALVE-007"])).values();
    expect(valve?.kind === "found" && valve.answer.unitPrice).toBe("99.5");
  });

  test("a customer moved to another list is unknown in the old price scope, and priced by the new list in its own name", async () => {
    const before = await scopeFor("C-CHILD");
    const party = await idOf("party.party", [["code", "=", "C-CHILD"]]);
    const retail = await idOf("product.price_list", [["name", "=", "Retail"]]);
    await tryton.asAdmin("model.party.party.write", [party], { sale_price_list: retail });
    const parts = { sku: "VALVE-001", currency: null, quantity: "1", exactQuantity: false };
    const [old] = await connector.prices.readMany([createPriceKey({ ...parts, scope: before })], call());
    expect(old).toMatchObject({ kind: "unknown", what: "customer" });
    const own = createPriceKey({ ...parts, scope: { kind: "customer", customer: verifiedCustomer("C-CHILD") } });
    const [own1] = await connector.prices.readMany([own], call());
    expect(own1?.kind === "found" && own1.answer.priceList).toBe("Retail");
    const after = await scopeFor("C-CHILD");
    const [now] = await connector.prices.readMany([createPriceKey({ ...parts, scope: after })], call());
    expect(now?.kind === "found" && now.answer.priceList).toBe("Retail");
  });

  test("without a default price list the public pays the products' own prices", async () => {
    await tryton.asAdmin("model.sale.configuration.write", [1], { sale_price_list: null });
    const wanted = tryton.expected.pricesWithoutDefaultList.filter(
      ({ sku }) => !["VALVE-007", "SERVICE-1"].includes(sku), // changed above
    );
    expect(await answersLike(wanted)).toEqual(wanted);
  });

  test("a server that is gone is unavailable", async () => {
    const other = createTrytonConnector({
      ...{ url: new URL("http://127.0.0.1:9/"), database: "x", user: "u", password: "p", company: null },
      ...{ timeoutMs: 1000, maxConcurrency: 1, clock: systemClock },
    });
    const error = await other.checkHealth(call().signal).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ErpUnavailable);
    expect(error).toMatchObject({ countsAsFailure: true });
    await other.close();
  });
});
