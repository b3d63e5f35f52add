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

  test("answers as version 1 to who asks without a version, as gateways did that know no fiscal positions", () => {
    expect(Object.keys(run({ pricelist: 1, asks: [] }) as object)).toEqual(["pricelane", "prices", "errors"]);
    expect(run({ version: 2, pricelist: 1, asks: [] })).toEqual({
      ...{ pricelane: 2, prices: [], errors: [], taxes: [], positions: [] },
    });
  });

  test("finds the fiscal position by the contact and the delivery address that an order proposes, or tells why not", () => {
    expect(run({ version: 2, asks: [], partners: [30, 31, 32, 99] })).toMatchObject({
      positions: [
        [30, false, "Expected singleton"],
        [31, 5, ""],
        [32, false, ""],
      ],
    });
  });

  test("under a position gives the price that a line has, and the taxes that stand in for the company's, else those of the company above", () => {
    const asks = [
      [1, [1, 2, 14]],
      [10, [1]],
    ];
    expect(run({ version: 2, pricelist: 1, position: 5, asks })).toEqual({
      pricelane: 2,
      prices: [
        [1, 0, 501.3],
        [2, 0, 501.6],
        [1, 1, 510.3],
      ],
      errors: [[14, 0, "no price without a tax"]],
      taxes: [
        [1, [521]],
        [2, [503, 504]],
        [14, [599]],
      ],
      positions: [],
    });
  });

  test("refuses a position that does not exist, rather than price without one", () => {
    expect(run({ version: 2, position: 6, asks: [[1, [1]]] })).toEqual({ refused: "There is no fiscal position 6." });
  });

  test("answers nothing to who asks nothing, such as somebody who runs it by hand", () => {
    expect(run({})).toEqual({ pricelane: 1, prices: [], errors: [] });
  });
});
