import { ErpBadAnswer, ErpError } from "../../errors.js";
import type { StockKey } from "../../pricing/keys.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import type { Stock, WarehouseStock } from "../../pricing/stock.js";
import {
  optional,
  parseBoolean,
  parseDate,
  parseDecimal,
  parseList,
  parseRow,
  parseText,
  parseWholeNumber,
  type Row,
  shown,
} from "../parse.js";
import type { PortClient } from "./port-client.js";

/** Most SKUs the port takes in one call. Source: docs/erp/erp-port.openapi.yaml. */
const maxSkus = 500;

export class PortStock implements ErpSource<StockKey, Stock> {
  readonly keysPerCall = maxSkus;
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  groupOf(): string {
    return "";
  }

  // All warehouses are asked for, whichever a shop wants: one answer then serves every choice of warehouses.
  async readMany(keys: readonly StockKey[], call: ErpCall): Promise<Outcome<Stock>[]> {
    const answer = await this.#client.post("/v1/stock", { skus: keys.map(({ sku }) => sku) }, call.signal);
    const rows = rowsBySku(parseList(parseRow(answer, "the answer").items, "items"));
    return keys.map((key) => readOutcome(key, rows.get(key.sku), call));
  }
}

function rowsBySku(items: readonly unknown[]): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const item of items) {
    if (typeof item !== "object" || item === null) continue; // answers to nobody: its SKU will miss its item
    const row = item as Row;
    if (typeof row.sku === "string") rows.set(row.sku, [...(rows.get(row.sku) ?? []), row]);
  }
  return rows;
}

function readOutcome({ sku }: StockKey, rows: readonly Row[] | undefined, call: ErpCall): Outcome<Stock> {
  try {
    const [row, ...others] = rows ?? [];
    if (row === undefined) throw new ErpBadAnswer(`the item for SKU ${JSON.stringify(sku)} is missing`);
    if (others.length > 0) throw new ErpBadAnswer(`the item for SKU ${JSON.stringify(sku)} came more than once`);
    return parseItem(sku, row, call);
  } catch (error) {
    if (error instanceof ErpError) return failed(error);
    throw error;
  }
}

function parseItem(sku: string, row: Row, call: ErpCall): Outcome<Stock> {
  const freshness = fromErp(call);
  switch (row.status) {
    case "found":
      return { kind: "found", answer: parseStock(sku, row), freshness };
    case "unknown":
      return { kind: "unknown", what: "sku", freshness };
    case "error":
      throw new ErpBadAnswer(
        `the ERP could not tell the stock of SKU ${JSON.stringify(sku)}: ${shown(row.message ?? "no reason given")}`,
      );
    default:
      throw new ErpBadAnswer(`status should be found, unknown or error, not ${shown(row.status)}`);
  }
}

function parseStock(sku: string, row: Row): Stock {
  return {
    sku,
    warehouses: optional(row.warehouses, "warehouses", parseWarehouses) ?? [],
    backorder: optional(row.backorder, "backorder", parseBoolean) ?? false,
    restockDate: optional(row.restockDate, "restockDate", parseDate),
    leadTimeDays: optional(row.leadTimeDays, "leadTimeDays", parseWholeNumber),
  };
}

function parseWarehouses(value: unknown, what: string): WarehouseStock[] {
  const warehouses = parseList(value, what).map((item) => {
    const row = parseRow(item, "a warehouse");
    return { code: parseText(row.code, "code"), available: parseDecimal(row.available, "available") };
  });
  const codes = new Set(warehouses.map(({ code }) => code));
  if (codes.size !== warehouses.length) throw new ErpBadAnswer("a warehouse is listed twice");
  return warehouses;
}
