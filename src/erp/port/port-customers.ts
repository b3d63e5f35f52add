import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import type { CustomerKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../pricing/source.js";
import { optional, parseBoolean, parseCurrency, parseDecimal, parseRow, parseText, type Row } from "../parse.js";
import type { PortClient } from "./port-client.js";

export class PortCustomers implements ErpSource<CustomerKey, Customer> {
  readonly keysPerCall = 1;
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  groupOf(): string {
    return "";
  }

  async readMany(keys: readonly CustomerKey[], call: ErpCall): Promise<Outcome<Customer>[]> {
    return Promise.all(keys.map((key) => this.#read(key, call)));
  }

  async #read({ customer }: CustomerKey, call: ErpCall): Promise<Outcome<Customer>> {
    const answer = await this.#client.get(`/v1/customers/${encodeURIComponent(customer)}`, call.signal);
    const freshness = fromErp(call);
    if (answer === null) return { kind: "unknown", what: "customer", freshness };
    const row = parseRow(answer, "the customer");
    // A record under another code would hand its price scope to the wrong customer.
    if (row.code !== customer) throw new ErpBadAnswer("the customer's record echoes another code");
    return { kind: "found", answer: parseCustomer(customer, row), freshness };
  }
}

function parseCustomer(code: string, row: Row): Customer {
  return {
    code,
    name: optional(row.name, "name", parseText),
    currency: optional(row.currency, "currency", parseCurrency),
    priceScope: optional(row.priceScope, "priceScope", parseText),
    paymentTerms: optional(row.paymentTerms, "paymentTerms", parseText),
    creditLimit: optional(row.creditLimit, "creditLimit", parseDecimal),
    creditAvailable: optional(row.creditAvailable, "creditAvailable", parseDecimal),
    blocked: optional(row.blocked, "blocked", parseBoolean) ?? false,
  };
}
