import { buildASTSchema, type GraphQLScalarType, type OperationDefinitionNode, parse } from "graphql";
import { describe, expect, test } from "vitest";
import { coerceVariables } from "../../src/http/coerce-variables.js";

const document = parse("query ($skus: [Sku!]!) { products(skus: $skus) }");
const definition = document.definitions[0] as OperationDefinitionNode;

/** A schema that counts how many values it was asked to parse; it refuses "bad". */
function setUp() {
  const schema = buildASTSchema(parse("scalar Sku type Query { products(skus: [Sku!]!): String }"));
  const counted = { parsed: 0 };
  (schema.getType("Sku") as GraphQLScalarType).parseValue = (value) => {
    counted.parsed++;
    if (value === "bad") throw new TypeError("no SKU");
    return value;
  };
  return { schema, counted };
}

describe("variables", () => {
  test("are coerced whole where all of them are good", () => {
    const { schema } = setUp();
    expect(coerceVariables(schema, definition, { skus: ["A", "B"] })).toEqual({ skus: ["A", "B"] });
  });

  test("are refused at the first mistakes, however many a request holds", () => {
    const { schema, counted } = setUp();
    expect(coerceVariables(schema, definition, { skus: new Array(10_000).fill("bad") })).toBeNull();
    expect(counted.parsed).toBeLessThan(5);
  });

  test("that are missing are refused", () => {
    expect(coerceVariables(setUp().schema, definition, {})).toBeNull();
  });
});
