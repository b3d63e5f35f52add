import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharesFilter, toFilters } from "../../../src/erp/dolibarr/dolibarr-filter.js";
import { answerList, looksLikeAttack } from "../../support/dolibarr-fake-filter.js";

const refs = (values: readonly string[], version: number) => toFilters("t.ref", values, version);
const texts = (values: readonly string[], version: number) => refs(values, version).map(({ text }) => text);

/** What the stand-in's filter finds among these refs. */
function findAll(values: readonly string[], among: readonly string[], version: number): string[] {
  const rows = among.map((ref, n) => ({ id: String(n + 1), ref }));
  return refs(values, version).flatMap(({ text, limit }) => {
    const query = new URLSearchParams({ sqlfilters: text, limit: String(limit) });
    const { status, body } = answerList(rows, { query, major: version, nothingIs404: version < 20 });
    if (status === 404) return [];
    if (status !== 200) throw new Error(`refused: ${text}`);
    return (body as { ref: string }[]).map(({ ref }) => ref);
  });
}

describe("a filter of Dolibarr", () => {
  test("is a list on 22 and a chain on 18, where a list of texts fails", () => {
    expect(texts(["A-1", "B.2"], 22)).toEqual(["(t.ref:in:'A-1','B.2')"]);
    expect(texts(["A-1", "B.2"], 18)).toEqual(["(t.ref:=:'A-1') or (t.ref:=:'B.2')"]);
  });

  test("keeps out of a list what the list would drop from it, and so ask for another SKU", () => {
    expect(texts(["A#1", "A1", "É"], 22)).toEqual(["(t.ref:in:'A1') or (t.ref:=:'A#1') or (t.ref:=:'É')"]);
  });

  test.each(["A(1)", "a:b", "it's", 'say "x"', "back\\slash", "<b>", "__NOW__", " A", "line\nbreak"])(
    "asks alone for %j, which cannot be written in it",
    (odd) => {
      expect(sharesFilter(odd)).toBe(false);
      const [shared, alone] = refs(["A-1", odd], 22);
      expect(shared?.text).toBe("(t.ref:in:'A-1')");
      expect(alone?.text).toMatch(/^\(t\.ref:like:'[^()'":\\<>\p{C}%]*'\)$/u);
      expect(alone?.limit).toBe(10);
    },
  );

  test.each([18, 22])("finds what is asked and cannot be made to mean more, on %s", (version) => {
    const piece = fc.constantFrom(
      "'",
      ")",
      "(",
      ":",
      "%",
      "_",
      " or ",
      "(t.ref:like:'%')",
      '"',
      "\\",
      "A",
      "é",
      ",",
      "__NOW__",
    );
    const value = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(""));
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 1, maxLength: 4 }), (values) => {
        // Longer than any of the values, so that not even what can only be written as "alike" may bring it.
        const bystander = "BYSTANDER".repeat(20);
        const found = findAll(values, [bystander, ...values], version);
        for (const each of values) expect(found).toContain(each);
        expect(found).not.toContain(bystander);
        for (const { text } of refs(values, version)) expect(looksLikeAttack(text)).toBe(false);
      }),
    );
  });

  test("is cut where it would be longer than a web server takes", () => {
    const values = Array.from({ length: 100 }, (_, n) => `${"LONG-".repeat(10)}${n}`);
    const filters = refs(values, 18);
    expect(filters.length).toBeGreaterThan(1);
    for (const { text } of filters) expect(encodeURIComponent(text).length).toBeLessThanOrEqual(4000);
    expect(findAll(values, values, 18).sort()).toEqual([...values].sort());
  });
});
