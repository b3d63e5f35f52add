import { Field, ObjectType } from "type-graphql";
import { messageKeyOf, type ReasonCode } from "../src/pricing/cart/reasons.js";

@ObjectType("Reason", {
  simpleResolvers: true,
  description: "Why: a stable code, and a key of the message texts that shops show.",
})
export class ReasonType {
  @Field(() => String, { description: 'Such as "PRICE_RAISED"; it never changes meaning.' })
  code!: string;

  @Field(() => String, {
    description: 'Such as "cart.price_raised"; the texts stand in schema/messages, one file a language.',
  })
  messageKey!: string;
}

export function toReason(code: ReasonCode): ReasonType {
  return { code, messageKey: messageKeyOf(code) };
}
