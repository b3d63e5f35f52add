import type { IncomingHttpHeaders } from "node:http";
import { type GraphQLSchema, Kind, type OperationDefinitionNode } from "graphql";
import type { Caller } from "../pricing/caller.js";
import { coerceVariables } from "./coerce-variables.js";
import type { Asker, Fragments, RefuseOperation, WriteFreshPage } from "./operation.js";
import { RecentMap } from "./recent-map.js";

interface KnownPage {
  readonly definition: OperationDefinitionNode;
  readonly fragments: Fragments;
}

/** A request for a known page, as it came. */
export interface PageRequest extends KnownPage {
  readonly variables: Readonly<Record<string, unknown>>;
  /** How Apollo answered the same Accept header. */
  readonly contentType: string;
}

/** Characters of documents in one generation: some forty pages of the usual size. Each is kept with all that was parsed of it. */
const documentChars = 16 * 1024;
/** Characters of Accept headers in one generation. */
const acceptChars = 4 * 1024;

/** What has the one meaning everywhere; Apollo looks at all others. */
const plainJson = /^application\/json(; ?charset=utf-8)?$/i;

/**
 * Remembers the documents that Apollo took through its whole pipeline and that are proven to be pages, so that the same text need not go
 * through it again. Whatever is not plainly such a request is left to Apollo.
 * @see docs/decisions/0020-known-pages.md
 */
export class KnownPages {
  readonly #schema: GraphQLSchema;
  readonly #refuseOperation: RefuseOperation;
  readonly #writeFresh: WriteFreshPage;
  readonly #pages = new RecentMap<KnownPage>(documentChars, ({ length }) => length);
  readonly #contentTypes = new RecentMap<string>(acceptChars, ({ length }) => length + 1);

  constructor(options: {
    readonly schema: GraphQLSchema;
    readonly refuseOperation: RefuseOperation;
    readonly writeFresh: WriteFreshPage;
  }) {
    this.#schema = options.schema;
    this.#refuseOperation = options.refuseOperation;
    this.#writeFresh = options.writeFresh;
  }

  /** To be told of each document that Apollo parsed, validated and allowed, and whose page is proven. */
  learnPage(text: string, page: KnownPage, operations: number): void {
    // With several operations it is not the text alone that says which of them is meant.
    if (operations === 1) this.#pages.set(text, page);
  }

  /** To be told how Apollo answered a page. */
  learnContentType(accept: string | undefined, contentType: string | undefined): void {
    if (contentType !== undefined) this.#contentTypes.set(accept ?? "", contentType);
  }

  /** Null for all but a plain request for a known page. */
  find(method: string, headers: IncomingHttpHeaders, body: unknown): PageRequest | null {
    if (method !== "POST" || !plainJson.test(headers["content-type"] ?? "") || !isRecord(body)) return null;
    const { query, variables, operationName, extensions } = body;
    if (typeof query !== "string" || (extensions !== undefined && extensions !== null)) return null;
    const page = this.#pages.get(query);
    const contentType = this.#contentTypes.get(headers.accept ?? "");
    if (page === undefined || contentType === undefined) return null;
    const isMeant =
      operationName === undefined || operationName === null || operationName === page.definition.name?.value;
    const given = variables ?? {};
    if (!isMeant || !isRecord(given)) return null;
    return { definition: page.definition, fragments: page.fragments, variables: given, contentType };
  }

  /** The body of the response; null where Apollo has to answer, be it to refuse. */
  write({ definition, fragments, variables }: PageRequest, asker: Asker & { readonly caller: Caller }): string | null {
    const schema = this.#schema;
    const variableValues = coerce(schema, definition, variables);
    if (variableValues === null) return null;
    const { caller } = asker;
    if (this.#refuseOperation({ schema, definition, fragments, variableValues, caller }) !== null) return null;
    const text = this.#writeFresh(definition, variableValues, asker);
    return text === null ? null : `{"data":${text}}\n`;
  }
}

/** As graphql-js does it; null where it refuses. */
function coerce(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  const [only, ...others] = definition.variableDefinitions ?? [];
  if (only !== undefined && others.length === 0) {
    const value = given[only.variable.name.value];
    // By far the most usual: nothing is to be coerced in a list of texts.
    if (isListOfIds(only) && Array.isArray(value) && value.every((item) => typeof item === "string"))
      return { [only.variable.name.value]: value };
  }
  return coerceVariables(schema, definition, given);
}

type VariableDefinition = NonNullable<OperationDefinitionNode["variableDefinitions"]>[number];

function isListOfIds({ type }: VariableDefinition): boolean {
  const list = type.kind === Kind.NON_NULL_TYPE ? type.type : type;
  if (list.kind !== Kind.LIST_TYPE) return false;
  const item = list.type.kind === Kind.NON_NULL_TYPE ? list.type.type : list.type;
  return item.kind === Kind.NAMED_TYPE && item.name.value === "ID";
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
