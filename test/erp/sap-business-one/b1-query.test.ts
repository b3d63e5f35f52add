import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { oneOf, toQuery } from "../../../src/erp/sap-business-one/b1-query.js";
import { answerQuery } from "../../support/sap-business-one-filter.js";

const tricky = fc.array(
  fc.oneof(
    fc.constantFrom("'", "''", " or ", " eq ", "(", ")", "&", "#", "%27", "$filter=", "?", "+", "\r\n", "é"),
    fc.string(),
  ),
  { minLength: 1, maxLength: 5 },
);
const value = tricky.map((parts) => parts.join(""));

describe("a query of Service Layer", () => {
  test("finds what it names and nothing else, whatever is in it", () => {
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: 2, maxLength: 6 }), (values) => {
        const records = values.map((ItemCode) => ({ ItemCode }));
        const asked = values.slice(1);
        const query = toQuery("Items", { $filter: oneOf("ItemCode", asked), $select: "ItemCode" });
        expect(query).not.toMatch(/[\s#]/);
        const { pathname, searchParams } = new URL(query, "http://host/");
        expect([pathname, [...searchParams.keys()]]).toEqual(["/Items", ["$filter", "$select"]]);
        expect(answerQuery(records, searchParams, false).map(({ ItemCode }) => ItemCode)).toEqual(asked);
      }),
    );
  });
});
