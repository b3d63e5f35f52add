import { getIntrospectionQuery, parse, validate } from "graphql";
import { describe, expect, test } from "vitest";
import { limitDocument } from "../../schema/document-limits.js";
import { schema } from "./request.js";

/** The refusals of the limits alone: whether the fields exist is another rule's business. */
function refusals(document: string): string[] {
  return validate(schema, parse(document), [limitDocument]).map(({ message, extensions }) => {
    expect(extensions).toEqual({ code: "BAD_USER_INPUT" });
    return message;
  });
}

const nested = (levels: number) => `${"{ a ".repeat(levels)}${"}".repeat(levels)}`;
const broad = (fields: number) =>
  `{ ${Array.from({ length: fields }, (_, at) => `f${at}: viewer { audience }`).join(" ")} }`;

describe("limits on documents", () => {
  test("12 levels are answered, 13 are not", () => {
    expect(refusals(nested(12))).toEqual([]);
    expect(refusals(nested(13))).toEqual(["The operation is 13 levels deep, and at most 12 are answered: split it."]);
  });

  test("30 fields at the root are answered, 31 are not, aliases or not", () => {
    expect(refusals(broad(30))).toEqual([]);
    expect(refusals(broad(31))).toEqual([
      "The operation asks 31 fields at its root, and at most 30 are answered: split it.",
    ]);
  });

  test("fragments hide neither depth nor breadth", () => {
    const deep = `{ ...f } fragment f on Query ${nested(13)}`;
    const inline = `{ ... on Query ${nested(13)} }`;
    const wide = `{ ...f ...g } fragment f on Query ${broad(16)} fragment g on Query ${broad(16)}`;
    for (const document of [deep, inline]) expect(refusals(document)).toHaveLength(1);
    expect(refusals(wide)).toEqual([expect.stringContaining("32 fields")]);
  });

  test("a fragment used twice counts twice at the root", () => {
    const document = `{ ...f ... on Query { ...f } } fragment f on Query ${broad(16)}`;
    expect(refusals(document)).toEqual([expect.stringContaining("32 fields")]);
  });

  test("fragments in a circle, or that are not there, only end", () => {
    expect(refusals("{ ...f } fragment f on Query { a { ...f } }")).toEqual([]);
    expect(refusals("{ ...missing }")).toEqual([]);
  });

  test("fragments that double with each level are measured in no time", () => {
    const fragments = Array.from({ length: 60 }, (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`);
    const document = `{ ...f0 } ${fragments.join(" ")} fragment f60 on Query { viewer { audience } }`;
    const started = process.cpuUsage();
    expect(refusals(document)).not.toEqual([]);
    const { user } = process.cpuUsage(started);
    expect(user / 1000).toBeLessThan(1_000);
  });

  test("each operation of a document is measured by itself", () => {
    const document = `query a ${broad(30)} query b ${broad(30)} query c ${nested(13)}`;
    expect(refusals(document)).toHaveLength(1);
  });

  test("introspection, which asks no ERP, is not too deep", () => {
    expect(refusals(getIntrospectionQuery())).toEqual([]);
  });
});
