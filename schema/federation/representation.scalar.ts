import { GraphQLError, GraphQLScalarType, valueFromASTUntyped } from "graphql";

/** What a router names an entity by. */
export interface Representation {
  readonly __typename: "Product";
  readonly sku: string;
}

function parse(value: unknown): Representation {
  const { __typename, sku } = (value ?? {}) as Partial<Record<string, unknown>>;
  if (__typename === "Product" && typeof sku === "string") return { __typename, sku };
  // Its two fields alone: what else it holds may be of any size and depth.
  throw new GraphQLError(
    `A representation should be {"__typename": "Product", "sku": "…"}, and \`__typename\` is ${shown(__typename)}, \`sku\` ${shown(sku)}.`,
    { extensions: { code: "BAD_USER_INPUT" } },
  );
}

function shown(field: unknown): string {
  if (field === undefined) return "missing";
  return typeof field === "string" ? JSON.stringify(field.slice(0, 80)) : "no text";
}

export const RepresentationScalar = new GraphQLScalarType<Representation, Representation>({
  name: "_Any",
  description:
    'The key of an entity, such as {"__typename": "Product", "sku": "ELEC-00001"}; what else it holds is not looked at.',
  parseValue: parse,
  parseLiteral: (node, variables) => parse(valueFromASTUntyped(node, variables)),
});
