import { BadUserInput, ErpBadAnswer } from "../../errors.js";
import type { Decimal } from "../../pricing/decimal.js";
import type { PriceKey } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import { type ErpCall, failed, fromErp, type Outcome } from "../../pricing/source.js";
import { given, parseAmount } from "../amounts.js";
import { orFailed } from "../or-error.js";
import { parseBoolean, parseText, type Row } from "../parse.js";
import type { BcApi } from "./bc-api.js";
import type { Ground } from "./bc-ground.js";
import { readItems } from "./bc-items.js";

/** The prices on the items' own cards, which Microsoft's API tells. @param taxRate in percent; null where there is no one rate */
export async function readPublicPrices(
  api: BcApi,
  ground: Ground,
  taxRate: Decimal | null,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Outcome<Ladder>[]> {
  const fields = "unitPrice,priceIncludesTax,baseUnitOfMeasureCode";
  const skus = keys.map(({ sku }) => sku);
  const itemOf = await readItems(api, ground.company, skus, fields, call);
  return keys.map(({ sku, currency }) => {
    const found = itemOf(sku);
    if (found.kind !== "item") return found;
    if (currency !== null && currency !== ground.currency) return failed(otherCurrency(ground.currency, currency));
    return orFailed(() => ({
      kind: "found",
      answer: toLadder(sku, found.row, ground.currency, taxRate),
      freshness: fromErp(call),
    }));
  });
}

function otherCurrency(own: string, asked: string): BadUserInput {
  return new BadUserInput(
    `The ERP's price is in ${own}, not in ${JSON.stringify(asked)}: ask for ${own}, or for none.`,
  );
}

function toLadder(sku: string, row: Row, currency: string, taxRate: Decimal | null): Ladder {
  const isGross = parseBoolean(row["priceIncludesTax"], `whether the price of ${sku} includes tax`);
  if (isGross && taxRate === null) {
    throw new ErpBadAnswer(
      `the price of ${sku} includes tax, whose rate is not told: set BC_TAX_RATE or BC_PUBLIC_CUSTOMER`,
    );
  }
  return {
    ...{ sku, currency, taxRate, taxBasis: isGross ? "GROSS" : "NET" },
    unit: given(row["baseUnitOfMeasureCode"], `the unit of ${sku}`, parseText),
    ...{ priceUnit: "1", minimumQuantity: "1", quantityIncrement: "1" },
    unitPrice: parseAmount(row["unitPrice"], `the price of ${sku}`),
    ...{ tiers: [], onlyQuantity: null, priceList: null, validUntil: null },
  };
}
