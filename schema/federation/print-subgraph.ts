import {
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  printSchema,
} from "graphql";

/** Says where the directive is from. */
const header = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])\n\n';
const keyed = parse('type Product @key(fields: "sku")').definitions[0] as ObjectTypeDefinitionNode;

/** The fields and types that a router knows without being told. */
const machinery: ReadonlySet<string> = new Set(["_entities", "_service", "_Entity", "_Service", "_Any"]);
const entities: ReadonlySet<string> = new Set(["Product"]);

/** The schema as a subgraph of Apollo Federation 2, in which other subgraphs may add to `Product`. */
export function printSubgraph(schema: GraphQLSchema): string {
  const document = parse(printSchema(lexicographicSortSchema(schema)));
  const definitions = document.definitions.flatMap((definition): DocumentNode["definitions"] => {
    if ("name" in definition && machinery.has(definition.name?.value ?? "")) return [];
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) return [definition];
    const fields = definition.fields?.filter(({ name }) => !machinery.has(name.value)) ?? [];
    const directives = entities.has(definition.name.value) ? keyed.directives : definition.directives;
    return [{ ...definition, fields, ...(directives ? { directives } : {}) }];
  });
  return `${header}${print({ kind: Kind.DOCUMENT, definitions })}\n`;
}
