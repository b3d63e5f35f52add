import { registerEnumType } from "type-graphql";

export enum Audience {
  PUBLIC = "PUBLIC",
  CUSTOMER = "CUSTOMER",
}

registerEnumType(Audience, {
  name: "Audience",
  description: "For whom a price holds, or who is asking.",
  valuesConfig: {
    PUBLIC: { description: "Everybody." },
    CUSTOMER: { description: "The customer that the token names." },
  },
});
