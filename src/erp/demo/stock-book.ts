import type { Decimal } from "../../pricing/decimal.js";
import { toMicros, toShortDecimal } from "./amounts.js";
import type { Catalogue } from "./catalogue.js";
import { floorMod, Movement } from "./movement.js";
import { draw, luck } from "./random.js";
import type { Steps } from "./steps.js";

export const warehouseCodes = ["PARIS", "LYON", "NANTES"] as const;

/** Steps between two movements of one SKU's stock: 20 minutes at the usual 5 s. */
const periodSteps = 240;

/** One item of the answer of `POST /v1/stock`. */
export type StockItem =
  | { readonly sku: string; readonly status: "unknown"; readonly message: string }
  | {
      readonly sku: string;
      readonly status: "found";
      readonly backorder: boolean;
      readonly restockDate?: string;
      readonly leadTimeDays: number;
      readonly warehouses: readonly { readonly code: string; readonly available: Decimal }[];
    };

/**
 * Stock that sells down in some movements to nothing and is filled up again, for ever. It is computed from the time:
 * nothing is stored, and no timer runs.
 */
export class StockBook {
  readonly movement: Movement;

  constructor(
    readonly catalogue: Catalogue,
    readonly steps: Steps,
  ) {
    this.movement = new Movement(catalogue.size, periodSteps, catalogue.seed);
  }

  /** @param only the warehouses to tell of; null for all. One that does not exist is left out. */
  itemOf(sku: string, only: readonly string[] | null): StockItem {
    const product = this.catalogue.find(sku);
    if (product === null) return { sku, status: "unknown", message: "no such SKU" };
    const { index, unit } = product;
    const { seed } = this.catalogue;
    const move = this.movement.lastMove(index, this.steps.current());
    const { left, empty } = this.#level(index, move.state);
    const leadTimeDays = 1 + (draw(seed, luck.leadTime, index) % 15);
    const warehouses = warehouseCodes.flatMap((code, warehouse) =>
      only === null || only.includes(code)
        ? [{ code, available: toShortDecimal(BigInt(left(warehouse)) * toMicros(unit.stockGrain)) }]
        : [],
    );
    return {
      sku,
      status: "found",
      backorder: draw(seed, luck.backorder, index) % 5 < 3,
      ...(empty ? { restockDate: this.steps.dayAfter(move.step, leadTimeDays) } : {}),
      leadTimeDays,
      warehouses,
    };
  }

  /** How many pieces are left in each warehouse, and whether none is in any. */
  #level(index: number, state: number): { left: (warehouse: number) => number; empty: boolean } {
    const { seed } = this.catalogue;
    const moves = 4 + (draw(seed, luck.stockCycle, index) % 6);
    const turn = state + (draw(seed, luck.stockCycle, index, 1) % moves);
    const sold = floorMod(turn, moves);
    const last = moves - 1;
    const left = (warehouse: number): number => {
      const drawn = draw(seed, luck.stockLevel, index, warehouse, Math.floor(turn / moves));
      // Half of the SKUs lie in Paris alone. There each movement takes one piece at least, so it never goes unseen.
      if (warehouse > 0 && draw(seed, luck.stockLevel, index, warehouse) % 2 === 0) return 0;
      const full = last + (drawn % 10 === 0 ? drawn % 2_000 : drawn % 120);
      return full - Math.floor((full * sold) / last);
    };
    return { left, empty: sold === last };
  }
}
