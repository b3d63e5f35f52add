import { describe, expect, test } from "vitest";
import { apiAddress } from "../../../src/erp/dolibarr/dolibarr-api.js";
import { parseKeyed, parseNumber } from "../../../src/erp/dolibarr/dolibarr-values.js";

describe("values of Dolibarr", () => {
  test("ids come as text or as numbers", () => {
    expect([parseNumber("7", "an id"), parseNumber(7, "an id")]).toEqual([7, 7]);
    expect(() => parseNumber("7x", "an id")).toThrow("an id should be a whole number, not 7x");
    expect(() => parseNumber(-1, "an id")).toThrow("an id should be a whole number");
  });

  test("an array with keys may come as a list", () => {
    expect(parseKeyed([], "levels")).toEqual({});
    expect(parseKeyed(["a"], "levels")).toEqual({ "0": "a" });
    expect(parseKeyed({ "1": "a" }, "levels")).toEqual({ "1": "a" });
    expect(parseKeyed(null, "levels")).toEqual({});
  });

  test.each(["https://erp.example.com", "https://erp.example.com/", "https://erp.example.com/api/index.php/"])(
    "the API of %s stands where it always does",
    (address) => {
      expect(apiAddress(new URL(address)).href).toBe("https://erp.example.com/api/index.php");
    },
  );

  test("the API of a Dolibarr below a path stands below it", () => {
    expect(apiAddress(new URL("http://host/dolibarr/htdocs")).href).toBe("http://host/dolibarr/htdocs/api/index.php");
  });
});
