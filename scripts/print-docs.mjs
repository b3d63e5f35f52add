// Prints what is committed but made by the code: the schema, the page of settings, and the typed operations of the npm module. Run after a build.
import { writeFileSync } from "node:fs";
import { createSchema, printContract } from "../dist/schema/build-schema.js";
import { printSubgraph } from "../dist/schema/federation/print-subgraph.js";
import { errorCodes } from "../dist/src/errors.js";
import { printSettings } from "../dist/src/settings.js";
import { printOperations } from "./print-operations.mjs";

const schema = await createSchema();
writeFileSync(new URL("../schema/schema.graphql", import.meta.url), printContract(schema));
writeFileSync(new URL("../schema/subgraph.graphql", import.meta.url), printSubgraph(schema));
writeFileSync(new URL("../docs/settings.md", import.meta.url), printSettings());
writeFileSync(new URL("../shops/web/src/client/operations.ts", import.meta.url), await printOperations(errorCodes));
