import { Field, ID, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { DateTimeScalar } from "./scalars.js";

export enum AnswerKindEnum {
  PRICE = "price",
  STOCK = "stock",
  CUSTOMER = "customer",
}

registerEnumType(AnswerKindEnum, {
  name: "AnswerKind",
  description: "What an answer is about.",
  valuesConfig: {
    PRICE: { description: "The prices of an SKU, for the public, a customer or a price scope." },
    STOCK: { description: "What can still be promised of an SKU." },
    CUSTOMER: { description: "A customer's record: its terms, and the price scope it is in." },
  },
});

@InputType("InvalidateInput", {
  description:
    "Forgets what matches every list given (`customers` also forgets their records and their scopes' answers); an absent list matches all; at least one list must be given, or `all: true`. A list holds 1 to 10,000 names.",
})
export class InvalidateInput {
  @Field(() => [ID], { nullable: true, description: "Prices and stock of these SKUs. Records are of no SKU." })
  skus?: string[] | null;

  @Field(() => [ID], {
    nullable: true,
    description:
      "By the ERP's codes: their own prices, those of the price scopes that their kept records name, and the records.",
  })
  customers?: string[] | null;

  @Field(() => [ID], { nullable: true, description: "Prices of these price scopes." })
  priceScopes?: string[] | null;

  @Field(() => [AnswerKindEnum], { nullable: true, description: "These kinds of answer alone." })
  kinds?: AnswerKindEnum[] | null;

  @Field(() => Boolean, { nullable: true, description: "True lets every list be absent: everything is forgotten." })
  all?: boolean | null;
}

@ObjectType("Invalidation", { simpleResolvers: true, description: "What was forgotten, and when." })
export class InvalidationType {
  @Field(() => Int, { description: "How many answers were kept and are no longer." })
  forgotten!: number;

  @Field(() => DateTimeScalar, {
    description:
      "No question that comes after it is answered by what was asked before, but at the replicas that did not confirm.",
  })
  at!: string;

  @Field(() => [String], {
    description:
      "Replicas that did not confirm within a second and may tell old answers yet; `*` where nobody can say which, as without the shared store. Empty where all forgot. Ask again until it is.",
  })
  unconfirmed!: string[];
}
