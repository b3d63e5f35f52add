import type { FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { Caller } from "../src/pricing/caller.js";
import { maxCartLines } from "./cart.args.js";
import type { ValidateCartInput } from "./cart.input.js";
import type { Representation } from "./federation/representation.scalar.js";
import { argumentsOf, type SelectionScope, selectedFields } from "./selection.js";

/** What is counted: one operation of a valid document, and who asks it. */
export interface Operation extends SelectionScope {
  readonly schema: GraphQLSchema;
  readonly definition: OperationDefinitionNode;
  readonly caller: Caller;
}

const productRoots: ReadonlySet<string> = new Set(["product", "products", "_entities"]);

interface ProductArguments {
  readonly sku?: string;
  readonly skus?: readonly string[];
  readonly representations?: readonly Representation[];
}

/**
 * How many different keys the ERP could be asked for by one operation, over all its aliases, at the most: what the cache
 * knows is not taken off. Stops counting once it is past `most`.
 */
export function countErpKeys(operation: Operation, most: number): number {
  const query = operation.schema.getQueryType() as GraphQLObjectType;
  const keys = new Set<string>();
  for (const root of selectedFields(operation.definition.selectionSet, operation)) {
    const definition = query.getFields()[root.name.value];
    if (definition === undefined) continue;
    if (definition.name === "viewer") keys.add("viewer");
    if (definition.name === "validateCart") {
      for (const key of cartKeys(argumentsOf(definition, root, operation), operation.caller)) keys.add(key);
      if (keys.size > most) return keys.size;
    }
    if (!productRoots.has(definition.name)) continue;
    const questions = questionsPerSku(selectedFields(root.selectionSet, operation), operation);
    // A price of the caller's own needs the caller's record first.
    if (questions.some((question) => question.startsWith("own "))) keys.add("viewer");
    for (const each of skusOf(argumentsOf(definition, root, operation))) {
      for (const question of questions) keys.add(`${question}\n${each}`);
      if (keys.size > most) return keys.size;
    }
  }
  return keys.size;
}

function skusOf(args: Record<string, unknown> | null): readonly (string | undefined)[] {
  const { sku, skus, representations } = (args ?? {}) as ProductArguments;
  return skus ?? representations?.map((representation) => representation.sku) ?? [sku];
}

/** Of more lines than a cart may have the first too many is enough: the field refuses it and says why. */
function cartKeys(args: Record<string, unknown> | null, { customer, scopes }: Caller): string[] {
  if (args === null || !scopes.has("checkout")) return [];
  const { lines, currency } = args["input"] as ValidateCartInput;
  const keys = lines
    .slice(0, maxCartLines + 1)
    .flatMap(({ sku, quantity }) => [`stock\n${sku}`, `own ${quantity} ${currency ?? ""}\n${sku}`]);
  return customer === null ? keys : ["viewer", ...keys];
}

function questionsPerSku(fields: readonly FieldNode[], operation: Operation): string[] {
  const { schema, caller } = operation;
  const product = schema.getType("Product") as GraphQLObjectType;
  const questions = fields.flatMap((node) => {
    const definition = product.getFields()[node.name.value];
    if (definition === undefined || definition.args.length === 0) return [];
    // One answer of the stock serves every choice of warehouses; a price may be one key per quantity and currency.
    if (definition.name === "stock") return ["stock"];
    const args = argumentsOf(definition, node, operation);
    if (args === null) return [];
    const { quantity, currency } = args;
    const audience = definition.name === "publicPrice" || caller.customer === null ? "public" : "own";
    return [`${audience} ${String(quantity)} ${String(currency ?? "")}`];
  });
  return questions.length === 0 ? ["public 1"] : questions;
}
