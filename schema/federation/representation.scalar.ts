import { GraphQLError, GraphQLScalarType, valueFromASTUntyped } from "graphql";

/** What a router names an entity by. */
export interface Representation {
  readonly __typename: "Product";
  readonly sku: string;
}

function parse(value: unknown): Representation {
  const { __typename, sku } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (__typename === "Product" && typeof sku === "string") return { __typename, sku };
  throw new GraphQLError(
    `A representation should be {"__typename": "Product", "sku": "…"}, not ${(JSON.stringify(value) ?? "nothing").slice(0, 80)}.`,
    { extensions: { code: "BAD_USER_INPUT" } },
  );
}

export const RepresentationScalar = new GraphQLScalarType<Representation, Representation>({
  name: "_Any",
  description:
    'The key of an entity, such as {"__typename": "Product", "sku": "ELEC-00001"}; what else it holds is not looked at.',
  parseValue: parse,
  parseLiteral: (node, variables) => parse(valueFromASTUntyped(node, variables)),
});
