import { mapTaxes, positionOf, priceUnder } from "./odoo-positions.js";
import { type Data, Raised, type Values } from "./odoo-records.js";

/** What the gateway asks of the server action, as deploy/odoo/price_action.py says. */
export interface ActionAsked {
  readonly version?: number | undefined;
  readonly pricelist: number | false;
  readonly asks: readonly [number, number[]][];
  readonly position?: number;
  readonly partners?: readonly number[];
}

/** What that code answers in the stand-in for Odoo; without a version, what version 1 answers. */
export function answerPriceAction(
  data: Data,
  major: number,
  { version = 1, asks, position, partners = [] }: ActionAsked,
  priceOf: (product: number, quantity: number) => number,
): unknown {
  const row = (data["account.fiscal.position"] ?? []).find(({ id }) => id === position);
  if (version >= 2 && position !== undefined && row === undefined)
    throw new Raised("odoo.exceptions.UserError", `There is no fiscal position ${position}.`);
  const answer = { prices: [] as unknown[], errors: [] as unknown[] };
  const taxes = new Map<number, number[]>();
  const underPosition = (product: number, price: number) => {
    if (version < 2 || row === undefined) return price;
    const found = (data["product.product"] ?? []).find(({ id }) => id === product);
    const own = (found?.["taxes_id"] ?? []) as number[];
    taxes.set(product, mapTaxes(major, row, own));
    return priceUnder(data, price, own, taxes.get(product) ?? []);
  };
  for (const [index, [quantity, products]] of asks.entries()) {
    for (const product of products) {
      try {
        answer.prices.push([product, index, underPosition(product, priceOf(product, quantity))]);
      } catch (error) {
        answer.errors.push([product, index, (error as Error).message]);
      }
    }
  }
  if (version < 2) return { pricelane: 1, ...answer };
  const known = (data["res.partner"] ?? []).filter(({ id }) => partners.includes(id as number));
  return { pricelane: 2, ...answer, taxes: [...taxes], positions: known.map((each) => toPosition(data, major, each)) };
}

function toPosition(data: Data, major: number, partner: Values): unknown[] {
  if (partner["broken"]) return [partner["id"], false, "Expected singleton: res.partner()"];
  return [partner["id"], positionOf(data, major, partner), ""];
}
