import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { describeWith, parts } from "../../support/parts.js";

function run(asked: object): unknown {
  const args = ["test/support/odoo-action.py", "deploy/odoo/price_action.py", JSON.stringify(asked)];
  return JSON.parse(execFileSync(parts.python ?? "", args, { encoding: "utf8" }));
}

describeWith("python", "the price action, run by Python under Odoo's restrictions", () => {
  test("answers each product at each quantity, and leaves out what is not there", () => {
    expect(
      run({
        pricelist: 1,
        asks: [
          [1, [1, 2]],
          [10, [2, 99]],
        ],
      }),
    ).toEqual({
      pricelane: 1,
      prices: [
        [1, 0, 1.3],
        [2, 0, 1.6],
        [2, 1, 10.6],
      ],
      errors: [],
    });
  });

  test("prices by the products' own where it is given no list", () => {
    expect(run({ pricelist: false, asks: [[1, [2]]] })).toMatchObject({ prices: [[2, 0, 3]] });
  });

  test("tells why a product has no price, and the prices of the others", () => {
    expect(run({ pricelist: 1, asks: [[1, [1, 13, 2]]] })).toMatchObject({
      prices: [
        [1, 0, 1.3],
        [2, 0, 1.6],
      ],
      errors: [[13, 0, "float division by zero"]],
    });
  });

  test("refuses a list that does not exist, rather than price by another", () => {
    expect(run({ pricelist: 5, asks: [[1, [1]]] })).toEqual({ refused: "There is no price list 5." });
  });

  test("answers nothing to who asks nothing, such as somebody who runs it by hand", () => {
    expect(run({})).toEqual({ pricelane: 1, prices: [], errors: [] });
  });
});
