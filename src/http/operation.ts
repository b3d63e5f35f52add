import type { FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { RequestContext } from "../../schema/context.js";
import type { BadUserInput } from "../errors.js";
import type { Caller } from "../pricing/caller.js";

export type Fragments = Readonly<Record<string, FragmentDefinitionNode | undefined>>;

/** Why an operation is not executed, or null. Given by the schema, which knows its fields. */
export type RefuseOperation = (operation: {
  readonly schema: GraphQLSchema;
  readonly definition: OperationDefinitionNode;
  readonly fragments: Fragments;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly caller: Caller;
}) => BadUserInput | null;

/** Answers a page without resolving its fields one by one; null where graphql-js has to. Given by the schema. */
export type WritePage = (
  operation: {
    readonly definition: OperationDefinitionNode;
    readonly fragments: Fragments;
    readonly variableValues: Readonly<Record<string, unknown>>;
  },
  context: RequestContext,
) => Promise<{
  /** The JSON text of `data`. */
  readonly text: string;
  /** Null where this operation was seen to be answered rightly; else told what graphql-js makes of it. False where they differ. */
  readonly prove: ((data: unknown) => boolean) | null;
} | null>;

/** As much of a request's context as a page needs that memory answers. */
export type Asker = Pick<RequestContext, "caller" | "now" | "noteAnswer">;

/** Writes a page that was proven, where memory alone answers all of it: the JSON text of `data`, else null. Given by the schema. */
export type WriteFreshPage = (
  definition: OperationDefinitionNode,
  variableValues: Readonly<Record<string, unknown>>,
  asker: Asker,
) => string | null;
