import { type FieldNode, type GraphQLObjectType, Kind, type OperationDefinitionNode } from "graphql";
import { BadUserInput } from "../src/errors.js";
import { maxCartLines } from "./cart.args.js";
import { measureAnswers, measureFields } from "./extent.js";
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
  if (isPlainlySmall(operation, maxKeys)) return null;
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

/** One field at the top of an operation, and what it may cost at most for each SKU, whatever directives leave out. */
interface RootCost {
  readonly name: string;
  readonly node: FieldNode;
  readonly keysPerSku: number;
  readonly fieldsPerSku: number;
}

/** The fields at the top whose cost is their SKUs'; others are counted each in its own way. */
const plainRoots: ReadonlySet<string> = new Set(["product", "products", "viewer"]);

/** By the parsed operation; null where its top holds fragments, or other fields. */
const rootCosts = new WeakMap<OperationDefinitionNode, readonly RootCost[] | null>();

/** Whether not even doubles counted anew could get the operation past its limits, as hardly any operation could. */
function isPlainlySmall(operation: Operation, maxKeys: number): boolean {
  const { definition } = operation;
  const known = rootCosts.get(definition);
  const roots = known === undefined ? costsOf(operation) : known;
  if (known === undefined) rootCosts.set(definition, roots);
  if (roots === null) return false;
  const query = operation.schema.getQueryType() as GraphQLObjectType;
  let keys = 0;
  let fields = 0;
  for (const { name, node, keysPerSku, fieldsPerSku } of roots) {
    const field = query.getFields()[name];
    const args = field === undefined || field.args.length === 0 ? null : argumentsOf(field, node, operation);
    const length = Array.isArray(args?.["skus"]) ? args["skus"].length : 1;
    keys += 1 + length * keysPerSku;
    fields += length * fieldsPerSku;
  }
  return keys <= maxKeys && fields <= maxKeys * fieldsPerKey;
}

function costsOf({ definition, fragments }: Operation): RootCost[] | null {
  const { selections } = definition.selectionSet;
  const nodes = selections.flatMap((selection) => (selection.kind === Kind.FIELD ? [selection] : []));
  const isPlain = nodes.every(({ name }) => plainRoots.has(name.value));
  if (nodes.length < selections.length || !isPlain) return null;
  const fieldsBelow = measureFields((name) => fragments[name]);
  const answersBelow = measureAnswers((name) => fragments[name]);
  return nodes.map((node) => ({
    name: node.name.value,
    node,
    keysPerSku: Math.max(answersBelow(node.selectionSet), 1),
    fieldsPerSku: 1 + fieldsBelow(node.selectionSet),
  }));
}

/** How many products or lines of a cart are told; 1 where it is no list. */
function lengthOf(args: Record<string, unknown> | null): number {
  const input = args?.["input"] as { readonly lines?: unknown } | undefined;
  const list = args?.["skus"] ?? args?.["representations"] ?? input?.lines;
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
