import { Field, ID, Int, ObjectType, registerEnumType } from "type-graphql";
import type { Caller } from "../src/pricing/caller.js";
import type { Decimal } from "../src/pricing/decimal.js";
import type { Freshness } from "../src/pricing/source.js";
import { type Stock, selectWarehouses, stockStatus, totalAvailable } from "../src/pricing/stock.js";
import { FreshnessType, toFreshness } from "./freshness.type.js";
import { DateScalar, DecimalScalar } from "./scalars.js";

export enum StockStatus {
  IN_STOCK = "IN_STOCK",
  LOW_STOCK = "LOW_STOCK",
  BACKORDER = "BACKORDER",
  OUT_OF_STOCK = "OUT_OF_STOCK",
}

registerEnumType(StockStatus, {
  name: "StockStatus",
  description: "What a buyer may be told of the stock.",
  valuesConfig: {
    IN_STOCK: { description: "More is available than the gateway calls low (`STOCK_LOW_AT`)." },
    LOW_STOCK: { description: "Some is available, but little." },
    BACKORDER: { description: "Nothing is available, and the ERP takes orders beyond it." },
    OUT_OF_STOCK: { description: "Nothing is available, and the ERP takes no orders beyond it." },
  },
});

@ObjectType("WarehouseStock", {
  simpleResolvers: true,
  description: "What can still be promised out of one warehouse.",
})
export class WarehouseStockType {
  @Field(() => ID, { description: "The warehouse, as the ERP names it." })
  code!: string;

  @Field(() => StockStatus, { description: "As `Stock.status`, for this warehouse alone." })
  status!: StockStatus;

  @Field(() => DecimalScalar, {
    nullable: true,
    description: "In the ERP's stock unit; null where this caller sees the status alone.",
  })
  available!: Decimal | null;
}

@ObjectType("Stock", { simpleResolvers: true, description: "What can still be promised of one SKU." })
export class StockType {
  @Field(() => StockStatus, { description: "Over the warehouses asked." })
  status!: StockStatus;

  @Field(() => DecimalScalar, {
    nullable: true,
    description:
      "What can still be promised, over the warehouses asked; null where this caller sees the status alone (anonymous, unless set otherwise).",
  })
  available!: Decimal | null;

  @Field(() => [WarehouseStockType], {
    description: "The warehouses asked, in the order asked; those that the ERP tells nothing of are left out.",
  })
  warehouses!: WarehouseStockType[];

  @Field(() => DateScalar, { nullable: true, description: "When more is expected; null where the ERP does not say." })
  restockDate!: string | null;

  @Field(() => Int, {
    nullable: true,
    description: "Days until what is not in stock can be had; null where the ERP does not say.",
  })
  leadTimeDays!: number | null;

  @Field(() => FreshnessType, { description: "How old this answer is, and where it came from." })
  freshness!: FreshnessType;
}

export interface StockOptions {
  /** Null for all. */
  readonly warehouses: readonly string[] | null;
  readonly showsQuantities: boolean;
  /** At this quantity and below, stock is called low. */
  readonly lowAt: Decimal;
  /** ms since the epoch. */
  readonly now: number;
}

export function toStock(stock: Stock, freshness: Freshness, options: StockOptions): StockType {
  const { showsQuantities, lowAt } = options;
  const warehouses = selectWarehouses(stock, options.warehouses);
  const available = totalAvailable(warehouses);
  const statusOf = (quantity: Decimal) => StockStatus[stockStatus(quantity, stock.backorder, lowAt)];
  return {
    status: statusOf(available),
    available: showsQuantities ? available : null,
    warehouses: warehouses.map((warehouse) => ({
      code: warehouse.code,
      status: statusOf(warehouse.available),
      available: showsQuantities ? warehouse.available : null,
    })),
    restockDate: stock.restockDate,
    leadTimeDays: stock.leadTimeDays,
    freshness: toFreshness(freshness, options.now),
  };
}

/** Customers, the order step and the feed see how much there is; anonymous callers where the settings say so. */
export function seesQuantities({ customer, lane }: Caller): boolean {
  return customer !== null || lane === "checkout" || lane === "feed";
}
