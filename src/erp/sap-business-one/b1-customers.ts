import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import { type Decimal, isPositive, subtractDecimals } from "../../pricing/decimal.js";
import type { CustomerKey } from "../../pricing/keys.js";
import type { ErpSource } from "../../pricing/source.js";
import { given, parseAmount } from "../amounts.js";
import { dayAt } from "../calendar.js";
import { outcomeOf } from "../or-error.js";
import { parseText, type Row, shown } from "../parse.js";
import type { B1Api } from "./b1-api.js";
import { type Ground, numberOf } from "./b1-ground.js";
import { customerRow, partnerLookup } from "./b1-partners.js";
import { type FindRow, lookUp } from "./b1-records.js";
import { isActiveOn, validityFields } from "./b1-validity.js";

const keysPerCall = 100;

const balances = ["CurrentAccountBalance", "OpenDeliveryNotesBalance", "OpenOrdersBalance"];

// No more than is needed: the record has addresses and bank accounts as well.
const fields = `CardName,Currency,PayTermsGrpCode,CreditLimit,${balances.join(",")},${validityFields}`;

/** How a partner's currency is written who may trade in any. */
const allCurrencies = "##";

export interface CustomerOptions {
  readonly api: B1Api;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  /** ISO 4217 of the company's local currency, in which limits and balances are kept; null: credit is not told. */
  readonly localCurrency: string | null;
  /** IANA name. */
  readonly timeZone: string;
}

export function createB1Customers(options: CustomerOptions): ErpSource<CustomerKey, Customer> {
  const { api, readGround, timeZone } = options;
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const today = dayAt(call.sentAt, timeZone);
      const { find } = await lookUp(api, [partnerLookup(codes, fields)], call.signal);
      const [findPartner] = find as [FindRow];
      return codes.map((code) =>
        outcomeOf(customerRow(findPartner, code), "customer", call, (row) =>
          toCustomer(ground, options.localCurrency, code, row, today),
        ),
      );
    },
  };
}

function toCustomer(ground: Ground, local: string | null, code: string, row: Row, today: string): Customer {
  const currency = currencyOf(ground, code, row["Currency"]);
  return {
    code,
    name: given(row["CardName"], "a customer's name", parseText),
    currency,
    // Prices may hang on the partner: its special prices, its discount groups.
    priceScope: null,
    paymentTerms: ground.paymentTerms.get(numberOf(row["PayTermsGrpCode"])) ?? null,
    ...(currency !== null && currency === local ? creditOf(code, row) : noCredit),
    blocked: !isActiveOn(row, today, code),
  };
}

/** Null for who may trade in any currency: then it is the price list's. */
function currencyOf({ currencies }: Ground, code: string, value: unknown): string | null {
  if (value === allCurrencies) return null;
  const iso = currencies.iso.get(String(value));
  if (iso === undefined) {
    throw new ErpBadAnswer(
      `the currency of ${code} is ${shown(value)}, which has no international code of three letters`,
    );
  }
  return iso;
}

const noCredit = { creditLimit: null, creditAvailable: null };

/** A limit of 0 is how none is written. Orders and deliveries count, as they may in the warnings of SAP Business One itself. */
function creditOf(code: string, row: Row): { creditLimit: Decimal | null; creditAvailable: Decimal | null } {
  const amount = (field: string) => parseAmount(row[field], `${field} of ${code}`);
  const creditLimit = amount("CreditLimit");
  if (!isPositive(creditLimit)) return noCredit;
  return { creditLimit, creditAvailable: balances.map(amount).reduce(subtractDecimals, creditLimit) };
}
