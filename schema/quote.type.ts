import { Field, ID, ObjectType, registerEnumType } from "type-graphql";
import type { SignedQuote } from "../src/pricing/quotes.js";
import { DateTimeScalar, toDateTime } from "./scalars.js";

@ObjectType("Quote", {
  simpleResolvers: true,
  description:
    "A signed promise of prices (JWS, compact form) that a shop or an ERP import can verify without asking the gateway.",
})
export class QuoteType {
  @Field(() => ID, { description: "Unlike for every quote." })
  id!: string;

  @Field(() => String, { description: "To be kept with the order, and given back as a line's `quote`." })
  token!: string;

  @Field(() => DateTimeScalar, {
    description:
      "Until when its prices stand; no later than the quotes that it follows, where a price of theirs is in it.",
  })
  expiresAt!: string;
}

export enum QuoteStatus {
  HONOURED = "HONOURED",
  EXPIRED = "EXPIRED",
  FOREIGN = "FOREIGN",
  INVALID = "INVALID",
  OTHER_LINE = "OTHER_LINE",
}

registerEnumType(QuoteStatus, {
  name: "QuoteStatus",
  description: "What became of a quote that was given.",
  valuesConfig: {
    HONOURED: { description: "It holds for this customer, SKU, currency and quantity." },
    EXPIRED: { description: "Its time is over." },
    FOREIGN: { description: "It was given to another customer." },
    INVALID: { description: "It is not ours, was changed, or cannot be read." },
    OTHER_LINE: { description: "It promises no such SKU, quantity, unit of measure or currency." },
  },
});

export function toQuote({ id, token, expiresAt }: SignedQuote): QuoteType {
  return { id, token, expiresAt: toDateTime(expiresAt) };
}
