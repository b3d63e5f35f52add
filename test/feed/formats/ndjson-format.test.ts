import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createFeedFormat } from "../../../src/feed/formats/create-feed-format.js";
import { recordOf } from "./record-samples.js";

const rules = { safetyStock: "0", tax: "gross", amazon: null } as const;

describe("the format ndjson", () => {
  test("is one line an item, whatever the SKU, and parses back to the record", () => {
    const format = createFeedFormat("ndjson", rules);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (sku) => {
        const line = format.item(recordOf({ sku }));
        expect(line.indexOf("\n")).toBe(line.length - 1);
        expect(JSON.parse(line)).toEqual(recordOf({ sku }));
      }),
    );
  });

  test("tells what could not be told beside the nulls", () => {
    const errors = [{ field: "price", code: "ERP_TIMEOUT", message: "late" }] as const;
    const line = createFeedFormat("ndjson", rules).item(recordOf({ price: null, stock: null, errors }));
    expect(line).toBe(
      '{"sku":"A","price":null,"stock":null,"removed":false,"errors":[{"field":"price","code":"ERP_TIMEOUT","message":"late"}]}\n',
    );
  });
});
