import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseDeltaCursor,
  parsePageCursor,
  type RunPlace,
  toDeltaCursor,
  toPageCursor,
} from "../../src/feed/feed-cursor.js";

const head = fc.record({ epoch: fc.string(), sequence: fc.nat() });
const place: fc.Arbitrary<RunPlace> = fc.oneof(
  fc.record({
    kind: fc.constant("full" as const),
    head,
    at: fc.record({
      after: fc.option(fc.string({ unit: "binary" })),
      past: fc.array(fc.string({ unit: "grapheme" }), { maxLength: 8 }),
      isEnd: fc.boolean(),
    }),
  }),
  fc.record({ kind: fc.constant("delta" as const), head, at: fc.record({ since: fc.nat(), after: fc.nat() }) }),
);

const lost = expect.objectContaining({ code: "BAD_USER_INPUT", reason: "CURSOR_LOST" });

describe("cursors", () => {
  test("give back the place they were made of, whatever the ERP's own cursor holds", () => {
    fc.assert(
      fc.property(place, (each) => {
        expect(parsePageCursor(toPageCursor(each))).toEqual(each);
      }),
    );
    fc.assert(
      fc.property(head, (each) => {
        expect(parseDeltaCursor(toDeltaCursor(each))).toEqual(each);
      }),
    );
  });

  test("that were cut, altered or joined are told apart from whole ones", () => {
    fc.assert(
      fc.property(place, fc.nat(), fc.constantFrom("", "A", "_", "."), (each, index, put) => {
        const cursor = toPageCursor(each);
        const at = index % cursor.length;
        const altered = cursor.slice(0, at) + put + cursor.slice(at + 1);
        fc.pre(altered !== cursor);
        expect(() => parsePageCursor(altered)).toThrow(lost);
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(() => parseDeltaCursor(text)).toThrow(lost);
      }),
    );
  });

  test("that were made up with a sum of their own are told apart as well", () => {
    const sum = (body: string) =>
      createHash("sha256").update(`pricelane feed ${body}`).digest("base64url").slice(0, 10);
    const forge = (mark: string, text: string) => {
      const body = `${mark}.${Buffer.from(text).toString("base64url")}`;
      return `${body}.${sum(body)}`;
    };
    expect(parseDeltaCursor(forge("d1", '["E",1]'))).toEqual({ epoch: "E", sequence: 1 });
    const texts = ["", "{}", "null", '"E1"', "[]", '["E"]', '["E","1"]', "[1,1]", '["E",1e99]'];
    for (const text of texts) expect(() => parseDeltaCursor(forge("d1", text))).toThrow(lost);
    const pages = ['["E",1]', '["E",1,"all",null,false]', '["E",1,"full",{},false]', '["E",1,"full",null,0]'];
    const more = ['["E",1,"full",null,false,7]', '["E",1,"delta",null,1]', '["E",1,"delta",1,"1"]'];
    for (const text of [...texts, ...pages, ...more]) expect(() => parsePageCursor(forge("p1", text))).toThrow(lost);
  });

  test("of one kind do not pass for the other, and the message says which was wanted", () => {
    const cursor = toDeltaCursor({ epoch: "E", sequence: 1 });
    expect(() => parsePageCursor(cursor)).toThrow(/`after` should be the `endCursor` of a page.*run in full/);
    const page = toPageCursor({ kind: "delta", head: { epoch: "E", sequence: 1 }, at: { since: 0, after: 0 } });
    expect(() => parseDeltaCursor(page)).toThrow(/`changedSince` should be the `deltaCursor`/);
  });
});
