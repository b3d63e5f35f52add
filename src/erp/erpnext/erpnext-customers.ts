import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import type { CustomerKey } from "../../pricing/keys.js";
import type { ErpSource } from "../../pricing/source.js";
import { given } from "../amounts.js";
import { outcomeOf } from "../or-error.js";
import { parseText, type Row } from "../parse.js";
import type { ErpNextApi } from "./erpnext-api.js";
import { readCustomers, readOwners, toPriceScope, toTerms } from "./erpnext-buyers.js";
import { type Ground, isSet } from "./erpnext-ground.js";

const keysPerCall = 50;

export interface ErpNextCustomerOptions {
  readonly api: ErpNextApi;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  readonly customerField: string;
  readonly usualList: string;
}

export function createErpNextCustomers(options: ErpNextCustomerOptions): ErpSource<CustomerKey, Customer> {
  const { api, readGround, customerField } = options;
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const rows = await readCustomers(api, customerField, codes, call.signal);
      const names = [...rows.values()].flatMap((row) => (row instanceof ErpBadAnswer ? [] : [String(row["name"])]));
      const owners = await readOwners(api, names, call.signal);
      return codes.map((code) =>
        outcomeOf(rows.get(code), "customer", call, (row) => toCustomer(options, ground, code, row, owners)),
      );
    },
  };
}

function toCustomer(
  { usualList }: ErpNextCustomerOptions,
  ground: Ground,
  code: string,
  row: Row,
  owners: ReadonlySet<string>,
): Customer {
  const terms = toTerms(ground, row, usualList);
  const group = terms.customerGroup === null ? undefined : ground.groups.get(terms.customerGroup);
  return {
    code,
    name: given(row["customer_name"], "a customer's name", parseText),
    currency: ground.lists.get(terms.priceList) ?? null,
    priceScope: toPriceScope(ground, terms, owners.has(terms.customer ?? "")),
    paymentTerms: given(row["payment_terms"], "a customer's payment terms", parseText) ?? group?.paymentTerms ?? null,
    // ERPNext works these out by methods that it lets nobody call from outside.
    creditLimit: null,
    creditAvailable: null,
    blocked:
      isSet(row["disabled"], "whether a customer is disabled") || isSet(row["is_frozen"], "whether it is frozen"),
  };
}
