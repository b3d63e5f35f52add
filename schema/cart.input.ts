import { Field, ID, InputType } from "type-graphql";
import { CurrencyScalar, DecimalScalar } from "./scalars.js";

@InputType("CartLineInput", { description: "One line of a cart." })
export class CartLineInput {
  @Field(() => ID, { description: "The shop's own name for the line, given back as it came; unlike for every line." })
  key!: string;

  @Field(() => ID, { description: "As the ERP writes it." })
  sku!: string;

  @Field(() => DecimalScalar, { description: 'How many units are bought, above 0, such as "1" or "2.5".' })
  quantity!: string;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "The unit price before tax that the buyer was shown; absent: nothing to compare, UNCHANGED.",
  })
  shownNet?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "A quote that this line was promised under: while it holds for this customer, SKU, currency and quantity, its price stands.",
  })
  quote?: string | null;

  @Field(() => ID, {
    nullable: true,
    description: "The warehouse that the line is taken from; absent: any of them.",
  })
  warehouse?: string | null;
}

@InputType("ValidateCartInput", { description: "A cart to be validated." })
export class ValidateCartInput {
  @Field(() => [CartLineInput], { description: "1 to 200 lines; the same SKU may stand on several." })
  lines!: CartLineInput[];

  @Field(() => CurrencyScalar, {
    nullable: true,
    description: "ISO 4217; null: the customer's, else the ERP's own.",
  })
  currency?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "As `CartLineInput.quote`, for each line that gives none of its own: the quote of a whole cart, sent once.",
  })
  quote?: string | null;
}
