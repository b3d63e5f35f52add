import { ErpBadAnswer, ErpError } from "../../errors.js";
import { compareDecimals, type Decimal, isPositive } from "../../pricing/decimal.js";
import { askedCustomer, type PriceKey } from "../../pricing/keys.js";
import { type Ladder, sortTiers, type Tier } from "../../pricing/ladder.js";
import { type ErpCall, type ErpSource, failed, fromErp, type Outcome } from "../../pricing/source.js";
import {
  optional,
  parseCurrency,
  parseDecimal,
  parseInstant,
  parseList,
  parseRow,
  parseText,
  type Row,
  shown,
} from "../parse.js";
import type { PortClient } from "./port-client.js";

/** Most lines the port takes in one call. Source: docs/erp/erp-port.openapi.yaml. */
const maxLines = 500;

export class PortPrices implements ErpSource<PriceKey, Ladder> {
  readonly keysPerCall = maxLines;
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  // One call may mix customers, quantities and currencies.
  groupOf(): string {
    return "";
  }

  async readMany(keys: readonly PriceKey[], call: ErpCall): Promise<Outcome<Ladder>[]> {
    const answer = await this.#client.post("/v1/prices", { lines: keys.map(toLine) }, call.signal);
    const rows = rowsByRef(parseList(parseRow(answer, "the answer").lines, "lines"));
    return keys.map((key, index) => readOutcome(key, rows.get(String(index)), call));
  }
}

function toLine(key: PriceKey, index: number) {
  const { scope, sku, quantity, currency } = key;
  return {
    ref: String(index),
    customer: askedCustomer(scope),
    sku,
    quantity,
    ...(currency === null ? {} : { currency }),
  };
}

/** The lines by their ref; two lines under one ref are both kept, so that neither is believed. */
function rowsByRef(lines: readonly unknown[]): Map<string, Row[]> {
  const rows = new Map<string, Row[]>();
  for (const line of lines) {
    if (typeof line !== "object" || line === null) continue; // answers to nobody: its key will miss its line
    const row = line as Row;
    if (typeof row.ref === "string") rows.set(row.ref, [...(rows.get(row.ref) ?? []), row]);
  }
  return rows;
}

function readOutcome(key: PriceKey, rows: readonly Row[] | undefined, call: ErpCall): Outcome<Ladder> {
  try {
    const [row, ...others] = rows ?? [];
    if (row === undefined) throw new ErpBadAnswer(`the line for SKU ${JSON.stringify(key.sku)} is missing`);
    if (others.length > 0) throw new ErpBadAnswer(`the line for SKU ${JSON.stringify(key.sku)} came more than once`);
    checkEcho(key, row);
    return parseLine(key, row, call);
  } catch (error) {
    if (error instanceof ErpError) return failed(error);
    throw error;
  }
}

/** What keeps one customer's price from another: a line is believed only when it names our SKU and our customer. */
function checkEcho(key: PriceKey, row: Row): void {
  if (row.sku !== key.sku || row.customer !== askedCustomer(key.scope)) {
    throw new ErpBadAnswer(`the line for SKU ${JSON.stringify(key.sku)} echoes another SKU or customer`);
  }
}

function parseLine(key: PriceKey, row: Row, call: ErpCall): Outcome<Ladder> {
  const freshness = fromErp(call);
  switch (row.status) {
    case "priced":
      // The customer we ask for may have left the scope since we read its record: then it is unknown in it.
      if (isOfOtherScope(key, row)) return { kind: "unknown", what: "customer", freshness };
      return { kind: "found", answer: parseLadder(key, row), freshness };
    case "unknown":
      return { kind: "unknown", what: "sku", freshness };
    case "unknown-customer":
      if (key.scope.kind === "public") throw new ErpBadAnswer("a public line was answered with unknown-customer");
      return { kind: "unknown", what: "customer", freshness };
    case "error":
      throw new ErpBadAnswer(
        `the ERP could not price SKU ${JSON.stringify(key.sku)}: ${shown(row.message ?? "no reason given")}`,
      );
    default:
      throw new ErpBadAnswer(`status should be priced, unknown, unknown-customer or error, not ${shown(row.status)}`);
  }
}

/** Where the line names the price scope that made it, it must be the one that the answer will be kept for. */
function isOfOtherScope({ scope }: PriceKey, row: Row): boolean {
  return scope.kind === "price-scope" && row.priceScope !== undefined && row.priceScope !== scope.priceScope;
}

function parseLadder(key: PriceKey, row: Row): Ladder {
  const currency = parseCurrency(row.currency, "currency");
  if (key.currency !== null && currency !== key.currency) {
    throw new ErpBadAnswer(`SKU ${JSON.stringify(key.sku)} was asked in ${key.currency} and answered in ${currency}`);
  }
  const tiers = optional(row.tiers, "tiers", parseTiers);
  const taxRate = optional(row.taxRate, "taxRate", parseNotNegative);
  const taxBasis = parseTaxBasis(row.taxBasis);
  if (taxBasis === "GROSS" && taxRate === null)
    throw new ErpBadAnswer("a gross price without taxRate has no net price");
  return {
    sku: key.sku,
    currency,
    taxBasis,
    taxRate,
    unit: optional(row.unit, "unit", parseText),
    priceUnit: optional(row.priceUnit, "priceUnit", parsePositive) ?? "1",
    minimumQuantity: optional(row.minimumQuantity, "minimumQuantity", parseNotNegative) ?? "1",
    quantityIncrement: optional(row.quantityIncrement, "quantityIncrement", parsePositive) ?? "1",
    unitPrice: parseDecimal(row.unitPrice, "unitPrice"),
    tiers: tiers ?? [],
    onlyQuantity: tiers === null ? key.quantity : null,
    priceList: optional(row.priceList, "priceList", parseText),
    validUntil: optional(row.validUntil, "validUntil", parseInstant),
  };
}

function parseTaxBasis(value: unknown): Ladder["taxBasis"] {
  if (value === "net") return "NET";
  if (value === "gross") return "GROSS";
  throw new ErpBadAnswer(`taxBasis should be net or gross, not ${shown(value)}`);
}

function parseTiers(value: unknown, what: string): Tier[] {
  const tiers = parseList(value, what).map((item) => {
    const row = parseRow(item, "a tier");
    return { from: parseNotNegative(row.from, "from"), unitPrice: parseDecimal(row.unitPrice, "unitPrice") };
  });
  const sorted = sortTiers(tiers);
  for (const [index, { from }] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next && compareDecimals(from, next.from) === 0) throw new ErpBadAnswer(`two tiers begin at quantity ${from}`);
  }
  return sorted;
}

function parseNotNegative(value: unknown, what: string): Decimal {
  const decimal = parseDecimal(value, what);
  if (decimal.startsWith("-") && !/^-0*(\.0*)?$/.test(decimal))
    throw new ErpBadAnswer(`${what} should not be below 0, as ${decimal} is`);
  return decimal;
}

function parsePositive(value: unknown, what: string): Decimal {
  const decimal = parseDecimal(value, what);
  if (!isPositive(decimal)) throw new ErpBadAnswer(`${what} should be above 0, not ${decimal}`);
  return decimal;
}
