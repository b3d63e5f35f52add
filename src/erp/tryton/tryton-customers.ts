import type { Customer } from "../../pricing/customer.js";
import { canonical, type Decimal, sumDecimals } from "../../pricing/decimal.js";
import type { CustomerKey } from "../../pricing/keys.js";
import type { ErpSource } from "../../pricing/source.js";
import { outcomeOf } from "../or-error.js";
import { optional, parseRow, parseText, type Row } from "../parse.js";
import { readSingle } from "./read-rows.js";
import { buyerFields, readDefaultListFor, readParties, toBuyer } from "./tryton-buyers.js";
import type { Ground } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";
import { parseAmount } from "./tryton-values.js";

const keysPerCall = 50;

/** Most decimals that the gateway tells; a currency has fewer. */
const creditDigits = 6;

// Tryton puts the fields of another record under the name that leads there, its dot included.
const ownTerm = "customer_payment_term.";
const defaultTerm = "default_customer_payment_term.";

interface Defaults {
  readonly priceList: number | null;
  readonly terms: string | null;
}

export function createTrytonCustomers(
  session: TrytonSession,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ErpSource<CustomerKey, Customer> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const parties = await readParties(session, ground, codes, customerFields(ground), call.signal);
      const defaults = await readDefaults(session, ground, [...parties.values()], call.signal);
      return codes.map((code) =>
        outcomeOf(parties.get(code), "customer", call, (row) => toCustomer(ground, code, row, defaults)),
      );
    },
  };
}

function customerFields(ground: Ground): string[] {
  const credit = ground.has.creditLimit ? ["credit_limit_amount", "credit_amount"] : [];
  return ["name", `${ownTerm}rec_name`, ...buyerFields(ground), ...credit];
}

/** What a sale takes where the party has none of its own, read only where some party needs it. */
async function readDefaults(
  session: TrytonSession,
  ground: Ground,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Defaults> {
  const priceList = await readDefaultListFor(session, ground, rows, signal);
  if (rows.every((row) => termNameOf(row, ownTerm) !== null)) return { priceList, terms: null };
  const row = await readSingle(session, "account.configuration", [`${defaultTerm}rec_name`], ground.context, signal);
  return { priceList, terms: termNameOf(row, defaultTerm) };
}

function toCustomer(ground: Ground, code: string, row: Row, defaults: Defaults): Customer {
  const limit = optional(row["credit_limit_amount"], "a credit limit", parseCredit);
  return {
    code,
    name: optional(row["name"] || null, "a party's name", parseText),
    // Tryton 6.0 keeps no currency of a party: its sales begin in the company's.
    currency: ground.currency,
    priceScope: toBuyer(ground, row, defaults.priceList).priceScope,
    paymentTerms: termNameOf(row, ownTerm) ?? defaults.terms,
    creditLimit: limit,
    creditAvailable: limit === null ? null : toAvailable(limit, row["credit_amount"]),
    // Tryton 6.0 has no such mark: an inactive party is unknown, and one over its limit is told by its credit.
    blocked: false,
  };
}

function termNameOf(row: Row, field: string): string | null {
  return optional(optional(row[field], "a payment term", parseRow)?.["rec_name"], "a payment term's name", parseText);
}

function parseCredit(value: unknown, what: string): Decimal {
  return parseAmount(value, what, creditDigits);
}

/** What Tryton's own check of a sale would leave: the limit less what is owed, and less what is ordered and not invoiced. */
function toAvailable(limit: Decimal, used: unknown): Decimal {
  const taken = parseCredit(used, "a credit used");
  return canonical(sumDecimals([limit, taken.startsWith("-") ? taken.slice(1) : `-${taken}`]));
}
