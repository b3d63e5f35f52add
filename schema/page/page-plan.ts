import {
  type ArgumentNode,
  BREAK,
  type FieldNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  type OperationDefinitionNode,
  visit,
} from "graphql";
import { AnswerWriter } from "./answer-writer.js";
import { type Fragments, NotPlain, plainFields } from "./selection-writer.js";
import type { TextMemory } from "./text-memory.js";

export type AnswerField = "price" | "publicPrice" | "stock";

/** One field of a product: a text that stands for itself, its SKU, or an answer that is read. */
export type PageField =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "sku"; readonly text: string }
  | {
      readonly kind: AnswerField;
      readonly text: string;
      readonly node: FieldNode;
      readonly definition: GraphQLField<unknown, unknown>;
      readonly writer: AnswerWriter;
    };

/** How a page is written: a query with one `products` or `product` at its top, and fields that are answered from the sources. */
export interface PagePlan {
  readonly responseName: string;
  readonly isList: boolean;
  readonly root: { readonly node: FieldNode; readonly definition: GraphQLField<unknown, unknown> };
  readonly fields: readonly PageField[];
  readonly answers: readonly Extract<PageField, { readonly kind: AnswerField }>[];
  /** Whether no variable is among the arguments of `answers`: then they ask the same in each request. */
  readonly asksTheSame: boolean;
}

/** @param memory of what its answers are written as. @throws {NotPlain} where the operation is another one */
export function createPagePlan(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode,
  fragments: Fragments,
  memory: TextMemory,
): PagePlan {
  const query = schema.getQueryType() as GraphQLObjectType;
  if (definition.operation !== "query" || (definition.directives?.length ?? 0) > 0)
    throw new NotPlain("no plain query");
  const [root, ...others] = plainFields(query, [definition.selectionSet], fragments);
  if (root === undefined || others.length > 0) throw new NotPlain("several fields at the top");
  if (root.name !== "products" && root.name !== "product") throw new NotPlain(`the field ${root.name}`);
  const rootField = fieldOf(query, root.name);
  const product = getNamedType(rootField.type) as GraphQLObjectType;
  const sets = root.nodes.map(({ selectionSet }) => selectionSet);
  const fields = plainFields(product, sets, fragments).map(({ responseName, name, nodes }, index): PageField => {
    const text = `${index === 0 ? "{" : ","}${JSON.stringify(responseName)}:`;
    if (name === "__typename") return { kind: "text", text: text + JSON.stringify(product.name) };
    if (name === "sku") return { kind: "sku", text };
    if (name !== "price" && name !== "publicPrice" && name !== "stock") throw new NotPlain(`the field ${name}`);
    const field = fieldOf(product, name);
    const type = getNamedType(field.type) as GraphQLObjectType;
    const below = nodes.map(({ selectionSet }) => selectionSet);
    const writer = new AnswerWriter(type, below, fragments, memory);
    return { kind: name, text, node: nodes[0], definition: field, writer };
  });
  const answers = fields.filter((field) => field.kind !== "text" && field.kind !== "sku");
  if (answers.length === 0) throw new NotPlain("nothing that is read");
  return {
    responseName: JSON.stringify(root.responseName),
    isList: root.name === "products",
    root: { node: root.nodes[0], definition: rootField },
    fields,
    answers,
    asksTheSame: answers.every(({ node }) => !hasVariable(node.arguments ?? [])),
  };
}

/** Also within lists. */
function hasVariable(given: readonly ArgumentNode[]): boolean {
  let found = false;
  const note = () => {
    found = true;
    return BREAK;
  };
  for (const argument of given) visit(argument, { Variable: note });
  return found;
}

function fieldOf(type: GraphQLObjectType, name: string): GraphQLField<unknown, unknown> {
  const field = type.getFields()[name];
  if (field === undefined) throw new NotPlain(`the field ${name}`);
  return field;
}
