// The typed operations of the npm module, from schema/schema.graphql and shops/web/operations. Run by `npm run print`.
import { readdirSync, readFileSync } from "node:fs";
import { codegen } from "@graphql-codegen/core";
import * as operationTypes from "@graphql-codegen/typescript-operations";
import { concatAST, Kind, parse, print, stripIgnoredCharacters, visit } from "graphql";

const file = (name) => new URL(`../${name}`, import.meta.url);
const folder = "shops/web/operations";

/**
 * What `shops/web/src/client/operations.ts` holds.
 * @param errorCodes those of src/errors.ts
 * @throws {Error} where an operation asks what the schema does not have
 */
export async function printOperations(errorCodes) {
  const schema = parse(readFileSync(file("schema/schema.graphql"), "utf8"));
  const documents = readdirSync(file(folder))
    .sort()
    .map((name) => ({ location: name, document: parse(readFileSync(file(`${folder}/${name}`), "utf8")) }));
  const printed = await codegen({
    schema,
    documents,
    filename: "operations.ts",
    pluginMap: { types: operationTypes, documents: { plugin: printDocuments } },
    plugins: [{ types: typeOptions }, { documents: {} }],
    config: {},
  });
  const codes = [...errorCodes, "INTERNAL_SERVER_ERROR"].map((code) => `  | "${code}"`).join("\n");
  return `${head}\n/** The codes of errors, by docs/failure-modes.md. */\nexport type ErrorCode =\n${codes};\n\n${printed}`;
}

const head = `// Printed by \`npm run print\` from schema/schema.graphql and shops/web/operations: to be changed there.
import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
`;

const typeOptions = {
  immutableTypes: true,
  enumType: "string-literal",
  skipTypename: true,
  // Exact decimals, days and instants stay the texts that they are.
  scalars: { ID: "string", Decimal: "string", Currency: "string", Date: "string", DateTime: "string" },
  strictScalars: true,
};

/** A document is its syntax tree, as any GraphQL client takes it, and the text that it was parsed from, so that a client needs no printer. */
function printDocuments(_schema, sources) {
  const all = concatAST(sources.map(({ document }) => document));
  const fragments = new Map(
    all.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION).map((each) => [each.name.value, each]),
  );
  const operations = all.definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return operations.map((operation) => printDocument(operation, fragments)).join("\n");
}

function printDocument(operation, fragments) {
  const used = new Set();
  const collect = (node) =>
    visit(node, {
      FragmentSpread({ name: { value } }) {
        if (used.has(value)) return;
        used.add(value);
        collect(fragments.get(value));
      },
    });
  collect(operation);
  const definitions = [operation, ...[...used].map((name) => fragments.get(name))];
  const body = stripIgnoredCharacters(print({ kind: Kind.DOCUMENT, definitions }));
  const tree = {
    ...parse(body, { noLocation: true }),
    loc: {
      start: 0,
      end: body.length,
      source: { body, name: "GraphQL request", locationOffset: { line: 1, column: 1 } },
    },
  };
  const { value: name } = operation.name;
  const kind = operation.operation === "query" ? "Query" : "Mutation";
  const type = `TypedDocumentNode<${name}${kind}, ${name}${kind}Variables>`;
  return `export const ${name}Document = ${JSON.stringify(tree)} as unknown as ${type};`;
}
