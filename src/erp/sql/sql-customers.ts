import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import type { CustomerKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../pricing/source.js";
import { orFailed } from "../or-error.js";
import { optional, parseCurrency, type Row } from "../parse.js";
import { type EchoedRows, groupByEcho } from "./echoed-rows.js";
import type { RunQuery } from "./sql-database.js";
import { keysPerCall, type SqlGround } from "./sql-ground.js";
import { readDecimal, readFlag, readText } from "./sql-values.js";

export function createSqlCustomers(ground: SqlGround): ErpSource<CustomerKey, Customer> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const codes = keys.map(({ customer }) => customer);
      const rows = await ground.database.read((run) => readCustomerRows(run, ground, codes), call.signal);
      return keys.map(({ customer }) => answer(customer, rows, call));
    },
  };
}

export async function readCustomerRows(
  run: RunQuery,
  ground: SqlGround,
  codes: readonly string[],
): Promise<EchoedRows> {
  const rows = await run(ground.queries.customers, { ...ground.given, customers: codes });
  return groupByEcho(rows, "customer", new Set(codes));
}

/** The one row of a customer; null where there is none. @throws {ErpBadAnswer} */
export function customerRowOf(code: string, rows: EchoedRows): Row | null {
  const found = rows.get(code) ?? [];
  if (found instanceof ErpBadAnswer) throw found;
  if (found.length > 1) throw new ErpBadAnswer(`the query customers returns ${found.length} rows for one code`);
  return found[0] ?? null;
}

export function priceScopeOf(row: Row): string | null {
  return optional(row["price_scope"], "price_scope", readText);
}

function answer(code: string, rows: EchoedRows, call: ErpCall): Outcome<Customer> {
  const freshness = fromErp(call);
  return orFailed(() => {
    const row = customerRowOf(code, rows);
    if (row === null) return { kind: "unknown", what: "customer", freshness };
    return { kind: "found", answer: toCustomer(code, row), freshness };
  });
}

function toCustomer(code: string, row: Row): Customer {
  return {
    code,
    // Many a database keeps an empty text for nothing.
    name: optional(row["name"] || null, "name", readText),
    currency: optional(row["currency"], "currency", parseCurrency),
    priceScope: priceScopeOf(row),
    paymentTerms: optional(row["payment_terms"] || null, "payment_terms", readText),
    creditLimit: optional(row["credit_limit"], "credit_limit", readDecimal),
    creditAvailable: optional(row["credit_available"], "credit_available", readDecimal),
    blocked: optional(row["blocked"], "blocked", readFlag) ?? false,
  };
}
