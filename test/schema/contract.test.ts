import { readFileSync } from "node:fs";
import { buildSchema, validateSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { printContract } from "../../schema/build-schema.js";
import { errorCodes } from "../../src/errors.js";
import { printSettings, settingsTable } from "../../src/settings.js";
import { schema } from "./request.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("what is committed and what the code says", () => {
  test("schema/schema.graphql is the schema that the code builds (npm run print writes it)", () => {
    // Read back first: the formatter lays descriptions out in its own way.
    expect(printContract(buildSchema(read("schema/schema.graphql")))).toBe(printContract(schema));
  });

  test("the schema is valid, read back from what is committed too", () => {
    expect(validateSchema(schema)).toEqual([]);
    expect(validateSchema(buildSchema(read("schema/schema.graphql")))).toEqual([]);
  });

  test("every type, field, argument and value says what it is for", () => {
    const undescribed: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (type.name.startsWith("__")) continue;
      if (!("getFields" in type || "getValues" in type)) continue;
      if (!type.description && !["Query", "Mutation"].includes(type.name)) undescribed.push(type.name);
      const members = "getFields" in type ? Object.values(type.getFields()) : type.getValues();
      for (const member of members) if (!member.description) undescribed.push(`${type.name}.${member.name}`);
    }
    expect(undescribed).toEqual([]);
  });

  test("docs/settings.md is the table of settings (npm run print writes it)", () => {
    expect(read("docs/settings.md")).toBe(printSettings());
  });

  test("the page of settings names every variable once", () => {
    const rows = [...printSettings().matchAll(/^\| `([A-Z0-9_]+)`/gm)].map(([, env]) => env);
    expect(rows).toEqual(Object.values(settingsTable).map(({ env }) => env));
    expect(new Set(rows).size).toBe(rows.length);
  });

  test("docs/failure-modes.md has one section for each error code, and none for any other", () => {
    const sections = [...read("docs/failure-modes.md").matchAll(/^## ([A-Z_]+)\s*$/gm)].map(([, code]) => code);
    expect([...sections].sort()).toEqual([...errorCodes, "INTERNAL_SERVER_ERROR"].sort());
  });
});
