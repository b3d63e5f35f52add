import { ErpBadAnswer } from "../../errors.js";
import type { Customer } from "../../pricing/customer.js";
import type { CustomerKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import { orFailed } from "../or-error.js";
import type { Row } from "../parse.js";
import { type Buyer, type BuyerFound, readBuyers } from "./odoo-buyers.js";
import { type Credit, companyOf, readCredits } from "./odoo-credit.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooKept } from "./odoo-kept.js";
import type { Lists } from "./odoo-list-heads.js";
import type { PriceAction } from "./odoo-price-action.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference, toName } from "./odoo-values.js";

const keysPerCall = 50;

/** @param action null where none was installed */
export function createOdooCustomers(
  session: OdooSession,
  kept: OdooKept,
  action: PriceAction | null,
): ErpSource<CustomerKey, Customer> {
  return {
    keysPerCall,
    groupOf: () => "",
    async readMany(keys, call) {
      const ground = await kept.ground(call.signal);
      const lists = await kept.lists(call.signal);
      const codes = keys.map(({ customer }) => customer);
      const buyers = await readBuyers({ session, action }, ground, codes, customerFields(ground), call);
      const rows = [...buyers.values()].flatMap((found) => (found.kind === "buyer" ? [found.row] : []));
      const credits = await readCredits(session, ground, rows, call.signal);
      return keys.map(({ customer }) => answer(ground, lists, customer, buyers.get(customer), credits, call));
    },
  };
}

function customerFields(ground: Ground): string[] {
  const mayLack = ["property_payment_term_id", "sale_warn"].filter((name) => ground.partnerFields.has(name));
  return ["name", ...mayLack];
}

function answer(
  ground: Ground,
  lists: Lists,
  code: string,
  found: BuyerFound | undefined,
  credits: ReadonlyMap<number, Credit>,
  call: ErpCall,
): Outcome<Customer> {
  if (found === undefined) return failed(new ErpBadAnswer("Odoo left out a contact"));
  if (found.kind !== "buyer") return found;
  return orFailed(() => ({
    kind: "found",
    answer: toCustomer(ground, lists, code, found, credits),
    freshness: fromErp(call),
  }));
}

function toCustomer(
  ground: Ground,
  lists: Lists,
  code: string,
  { buyer, row }: { readonly buyer: Buyer; readonly row: Row },
  credits: ReadonlyMap<number, Credit>,
): Customer {
  const currency = currencyOf(ground, lists, buyer);
  // Accounts are kept in the company's currency: a limit in it says nothing of carts in another.
  const credit = currency === ground.currency ? credits.get(companyOf(row)) : undefined;
  return {
    code,
    name: optionalValue(row["name"], "a contact's name", toName),
    currency,
    priceScope: buyer.priceScope,
    paymentTerms: optionalValue(row["property_payment_term_id"], "payment terms", parseReference)?.name ?? null,
    creditLimit: credit?.limit ?? null,
    creditAvailable: credit?.available ?? null,
    // Odoo's own block on the sales to a contact, which is gone from 19 on.
    blocked: row["sale_warn"] === "block",
  };
}

/** Null for a list that is younger than what is known: the price will say its currency itself. */
function currencyOf({ currency }: Ground, { heads }: Lists, { list }: Buyer): string | null {
  if (list === null) return currency;
  const own = heads.get(list)?.currency ?? "";
  return /^[A-Z]{3}$/.test(own) ? own : null;
}
