import type { GraphQLObjectType } from "graphql";
import { BadUserInput } from "../src/errors.js";
import { maxCartLines } from "./cart.args.js";
import { measureFields } from "./extent.js";
import { refuseFeeds } from "./feed-limits.js";
import { countErpKeys, type Operation } from "./key-count.js";
import { argumentsOf, selectedFields } from "./selection.js";

/** Fields of an answer for each key that may be asked: more than a product has, so that only doubles get past it. */
const fieldsPerKey = 50;

/**
 * Why an operation of a valid document is not executed: it could ask the ERP for too much, or its answer would be too
 * large. Null where it may go on. Told before anything is asked.
 */
export function refuseOperation(operation: Operation, maxKeys: number): BadUserInput | null {
  if (countErpKeys(operation, maxKeys) > maxKeys) {
    return new BadUserInput(
      `The request asks for more than ${maxKeys} prices, stocks and records over all its fields: ask in several requests.`,
    );
  }
  const refusedFeeds = refuseFeeds(operation);
  if (refusedFeeds !== null) return refusedFeeds;
  const maxFields = maxKeys * fieldsPerKey;
  const fields = countAnswerFields(operation);
  if (fields <= maxFields) return null;
  return new BadUserInput(
    `The answer would have ${fields} fields, doubles counted, and at most ${maxFields} are told: ask in several requests.`,
  );
}

/** How many products or lines of a cart are told; 1 where it is no list. */
function lengthOf(args: Record<string, unknown> | null): number {
  const input = args?.["input"] as { readonly lines?: unknown } | undefined;
  const list = args?.["skus"] ?? input?.lines;
  if (!Array.isArray(list)) return 1;
  // A cart of more lines is refused whole by its own field, which says why.
  return list === input?.lines && list.length > maxCartLines ? 1 : list.length;
}

/** How many fields the answer has at the most, each list of products counted by its length; lists below them count once. */
function countAnswerFields(operation: Operation): number {
  const query = operation.schema.getQueryType() as GraphQLObjectType;
  const measure = measureFields((name) => operation.fragments[name]);
  let fields = 0;
  for (const root of selectedFields(operation.definition.selectionSet, operation)) {
    const definition = query.getFields()[root.name.value];
    const args = definition === undefined ? null : argumentsOf(definition, root, operation);
    fields += lengthOf(args) * (1 + measure(root.selectionSet));
  }
  return fields;
}
