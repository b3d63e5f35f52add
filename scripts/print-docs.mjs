// Prints what is committed but made by the code: the schema and the page of settings. Run after a build.
import { writeFileSync } from "node:fs";
import { createSchema, printContract } from "../dist/schema/build-schema.js";
import { printSettings } from "../dist/src/settings.js";

writeFileSync(new URL("../schema/schema.graphql", import.meta.url), printContract(await createSchema()));
writeFileSync(new URL("../docs/settings.md", import.meta.url), printSettings());
