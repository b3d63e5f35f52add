import { Field, ID, ObjectType } from "type-graphql";
import type { Customer } from "../src/pricing/customer.js";
import type { Decimal } from "../src/pricing/decimal.js";
import type { Freshness } from "../src/pricing/source.js";
import { Audience } from "./audience.type.js";
import { FreshnessType, toFreshness } from "./freshness.type.js";
import { MoneyType, toMoney } from "./money.type.js";
import { CurrencyScalar } from "./scalars.js";

@ObjectType("Customer", { simpleResolvers: true, description: "A customer's trading terms, as the ERP keeps them." })
export class CustomerType {
  @Field(() => ID, { description: "The ERP's code of this customer, as in the token's `sub`." })
  code!: string;

  @Field(() => String, { nullable: true, description: "Null where the ERP tells none." })
  name!: string | null;

  @Field(() => CurrencyScalar, {
    nullable: true,
    description: "The currency this customer trades in; null where the ERP tells none.",
  })
  currency!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The terms that invoices to this customer carry, such as "45 days end of month"; null where the ERP tells none.',
  })
  paymentTerms!: string | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: "In the customer's currency; null where there is none, or no currency.",
  })
  creditLimit!: MoneyType | null;

  @Field(() => MoneyType, {
    nullable: true,
    description: "What is left of the credit limit, in the customer's currency; null as `creditLimit`.",
  })
  creditAvailable!: MoneyType | null;

  @Field(() => Boolean, { description: "The ERP takes no orders from this customer at present." })
  blocked!: boolean;

  @Field(() => FreshnessType, { description: "How old this record is, and where it came from." })
  freshness!: FreshnessType;
}

@ObjectType("Viewer", { description: "Who is asking." })
export class ViewerType {
  @Field(() => Audience, { simple: true, description: "CUSTOMER where the token names a customer, PUBLIC otherwise." })
  audience!: Audience;
}

/** @param now ms since the epoch */
export function toCustomer(customer: Customer, freshness: Freshness, now: number): CustomerType {
  const { code, name, currency, paymentTerms, creditLimit, creditAvailable, blocked } = customer;
  const toAmount = (amount: Decimal | null) =>
    amount === null || currency === null ? null : toMoney(amount, currency);
  return {
    code,
    name,
    currency,
    paymentTerms,
    creditLimit: toAmount(creditLimit),
    creditAvailable: toAmount(creditAvailable),
    blocked,
    freshness: toFreshness(freshness, now),
  };
}
