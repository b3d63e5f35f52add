import { Field, ID, ObjectType } from "type-graphql";

@ObjectType("Product", { description: "One SKU: its prices and its stock, each read when asked for." })
export class ProductType {
  @Field(() => ID, { simple: true, description: "As it was asked." })
  sku!: string;
}
