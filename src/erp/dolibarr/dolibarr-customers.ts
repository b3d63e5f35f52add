import { ErpBadAnswer, ErpUnavailable } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import { canonical, type Decimal, isPositive, subtractDecimals } from "../../pricing/decimal.js";
import type { CustomerKey } from "../../pricing/keys.js";
import { type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import { given, parseAmount } from "../amounts.js";
import { parseRow, parseText, type Row } from "../parse.js";
import type { DolibarrApi } from "./dolibarr-api.js";
import { type CustomerField, readThirdParties, toBuyer } from "./dolibarr-buyers.js";
import { sharesFilter } from "./dolibarr-filter.js";
import type { Ground } from "./dolibarr-ground.js";
import { parseNumber } from "./dolibarr-values.js";

/** Keys in one call: each customer with a limit costs a call more. */
const keysPerCall = 10;

export interface DolibarrCustomerOptions {
  readonly api: DolibarrApi;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  readonly readTerms: (signal: AbortSignal) => Promise<ReadonlyMap<number, string>>;
  readonly customerField: CustomerField;
  readonly currency: string;
}

export function createDolibarrCustomers(options: DolibarrCustomerOptions): ErpSource<CustomerKey, Customer> {
  const { api, readGround, readTerms, customerField } = options;
  return {
    keysPerCall,
    groupOf: ({ customer }) => (sharesFilter(customer) ? "" : customer),
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const parties = await readThirdParties(api, customerField, codes, ground.version, call.signal);
      const terms = await readTerms(call.signal);
      const outcomes: Outcome<Customer>[] = [];
      for (const { customer } of keys) outcomes.push(await answer(customer, parties.get(customer)));
      return outcomes;

      async function answer(code: string, row: Row | ErpBadAnswer | undefined): Promise<Outcome<Customer>> {
        const freshness = fromErp(call);
        if (row === undefined) return { kind: "unknown", what: "customer", freshness };
        if (row instanceof ErpBadAnswer) return failed(row);
        try {
          const record = toCustomer(options, ground, code, row, terms);
          const creditAvailable = await readCredit(api, row, record.creditLimit, call.signal);
          return { kind: "found", answer: { ...record, creditAvailable }, freshness };
        } catch (error) {
          if (error instanceof ErpBadAnswer) return failed(error);
          throw error;
        }
      }
    },
  };
}

function toCustomer(
  { currency }: DolibarrCustomerOptions,
  ground: Ground,
  code: string,
  row: Row,
  terms: ReadonlyMap<number, string>,
): Customer {
  const limit = given(row["outstanding_limit"], "an outstanding limit", parseAmount);
  const term = given(row["cond_reglement_id"], "a payment term", parseNumber);
  return {
    code,
    name: given(row["name"], "a third party's name", parseText),
    currency,
    priceScope: toBuyer(ground, row).priceScope,
    paymentTerms: term === null ? null : (terms.get(term) ?? null),
    creditLimit: limit !== null && isPositive(limit) ? limit : null, // 0 stands for none in Dolibarr, too
    creditAvailable: null,
    blocked: given(row["status"], "a third party's status", parseNumber) === 0, // closed: no order can be made for it
  };
}

/** The limit less what is billed and not paid, as the third party's own page shows it. */
async function readCredit(
  api: DolibarrApi,
  row: Row,
  limit: Decimal | null,
  signal: AbortSignal,
): Promise<Decimal | null> {
  if (limit === null) return null;
  const path = `/thirdparties/${parseNumber(row["id"], "a third party's id")}/outstandinginvoices`;
  const answer = parseRow(await api.get(path, { mode: "customer" }, signal), "the outstanding invoices");
  return canonical(subtractDecimals(limit, parseAmount(answer["opened"], "the outstanding amount")));
}

/** Payment terms by id. None where the user may not read them, since nothing else is lost by it. */
export async function readPaymentTerms(api: DolibarrApi, signal: AbortSignal): Promise<Map<number, string>> {
  try {
    const rows = await api.list("/setup/dictionary/payment_terms", { limit: 500, active: 1 }, signal);
    return new Map(
      rows.map((row) => [parseNumber(row["id"], "a payment term's id"), parseText(row["label"], "a payment term")]),
    );
  } catch (error) {
    if (error instanceof ErpUnavailable && !error.countsAsFailure) return new Map();
    throw error;
  }
}
