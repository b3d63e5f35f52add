import { createStockKey, type StockKey } from "../pricing/keys.js";
import type { Stock } from "../pricing/stock.js";
import type { Codec } from "./codec.js";

type TermsPart = readonly [
  codes: readonly string[],
  backorder: boolean,
  restockDate: string | null,
  leadTimeDays: number | null,
  /** Where it is not the key's. */
  sku: string | null,
];

/** Of a stock alone is what is available. */
export const stockCodec: Codec<StockKey, Stock> = {
  splitKey: () => ({ shared: [], own: [] }),
  joinKey: (_shared, _own, names) => createStockKey(names.sku as string),
  hasId: (id, _shared, _own, names) => createStockKey(names.sku as string).id === id,

  splitAnswer({ warehouses, backorder, restockDate, leadTimeDays, sku }, names) {
    const codes = warehouses.map(({ code }) => code);
    const terms: TermsPart = [codes, backorder, restockDate, leadTimeDays, sku === names.sku ? null : sku];
    return { shared: [terms], own: warehouses.map(({ available }) => available) };
  },

  joinAnswer([part], own, names) {
    const [codes, backorder, restockDate, leadTimeDays, sku] = part as TermsPart;
    const warehouses = codes.map((code) => ({ code, available: own() as string }));
    return { sku: sku ?? (names.sku as string), warehouses, backorder, restockDate, leadTimeDays };
  },
};
