import { Field, ObjectType } from "type-graphql";
import type { Decimal } from "../src/pricing/decimal.js";
import { CurrencyScalar, DecimalScalar } from "./scalars.js";

@ObjectType("Money", { simpleResolvers: true, description: "An exact amount in one currency." })
export class MoneyType {
  @Field(() => DecimalScalar, {
    description: "An exact decimal, never rounded to the currency's own decimals unless said so.",
  })
  amount!: Decimal;

  @Field(() => CurrencyScalar, { description: "The currency that the ERP answered in; the gateway never converts." })
  currency!: string;
}

export function toMoney(amount: Decimal, currency: string): MoneyType {
  return { amount, currency };
}
