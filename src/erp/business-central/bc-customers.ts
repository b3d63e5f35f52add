import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import type { CustomerKey } from "../../pricing/keys.js";
import type { ErpSource } from "../../pricing/source.js";
import { given } from "../amounts.js";
import { outcomeOf } from "../or-error.js";
import { parseCurrency, parseText, type Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import type { Ground } from "./bc-ground.js";
import { readByNumber } from "./bc-items.js";

const keysPerCall = 100;

// No more than is needed: the record has addresses as well.
const fields = "number,displayName,currencyCode,paymentTermsId,blocked";

/** How the empty value of an option is written; " " where the client decodes it. */
const notBlocked = ["_x0020_", " ", ""];

const noId = "00000000-0000-0000-0000-000000000000";

export function createBcCustomers(
  api: BcApi,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ErpSource<CustomerKey, Customer> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const rowOf = await readByNumber(api, `${ground.company}/customers`, codes, fields, call.signal);
      return codes.map((code) => outcomeOf(rowOf(code), "customer", call, (row) => toCustomer(ground, code, row)));
    },
  };
}

function toCustomer({ currency, paymentTerms }: Ground, code: string, row: Row): Customer {
  const terms = given(row["paymentTermsId"], "a customer's payment terms", parseText);
  const blocked = row["blocked"];
  if (typeof blocked !== "string") throw new ErpBadAnswer("whether a customer is blocked is not told");
  return {
    code,
    name: given(row["displayName"], "a customer's name", parseText),
    currency: given(row["currencyCode"], "a customer's currency", parseCurrency) ?? currency,
    // Prices may hang on the customer, its price group, its discount group and its campaigns.
    priceScope: null,
    paymentTerms: terms === null || terms === noId ? null : (paymentTerms.get(terms) ?? null),
    // Not in all versions of the API.
    creditLimit: null,
    creditAvailable: null,
    blocked: !notBlocked.includes(blocked),
  };
}
