import { expect, test } from "vitest";
import { minorUnitOf } from "../../src/pricing/minor-units.js";

test.each([
  ["EUR", 2],
  ["JPY", 0],
  ["KRW", 0],
  ["TND", 3],
  ["IQD", 3],
  ["CLF", 4],
  ["HUF", 2],
  ["QQQ", 2],
])("%s is paid with %i decimals", (currency, decimals) => {
  expect(minorUnitOf(currency)).toBe(decimals);
});
