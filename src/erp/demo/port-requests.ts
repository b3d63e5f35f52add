import { isDecimal } from "../../pricing/decimal.js";
import type { PriceQuestion } from "./price-book.js";
import { badRequest, shown } from "./problem.js";

/** Most lines or SKUs in one call. Source: the description of the ERP port. */
export const maxLines = 500;

/** SKUs or changes in a page where the caller does not say how many. */
export const usualLimit = 500;

export interface StockQuestion {
  readonly skus: readonly string[];
  /** Null for all. */
  readonly warehouses: readonly string[] | null;
}

/** @throws {PortProblem} 400 naming the first thing that is wrong; fields that the port does not know are ignored */
export function parsePriceRequest(body: unknown): PriceQuestion[] {
  const refs = new Set<string>();
  return parseList(fieldsOf(body, "the body")["lines"], "lines").map((line, at) => {
    const question = parsePriceLine(line, `lines[${at}]`);
    if (refs.has(question.ref)) throw badRequest(`lines[${at}].ref ${shown(question.ref)} names an earlier line too`);
    refs.add(question.ref);
    return question;
  });
}

/** @throws {PortProblem} as {@link parsePriceRequest} */
export function parseStockRequest(body: unknown): StockQuestion {
  const { skus, warehouses } = fieldsOf(body, "the body");
  return {
    skus: parseList(skus, "skus").map((sku, at) => parseText(sku, `skus[${at}]`)),
    warehouses: warehouses === undefined ? null : parseWarehouses(warehouses),
  };
}

/** @throws {PortProblem} 400 unless 1 to 1000 */
export function parseLimit(query: URLSearchParams): number {
  const text = query.get("limit");
  if (text === null) return usualLimit;
  const limit = /^[0-9]{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > 1000) throw badRequest(`limit must be 1 to 1000; got ${shown(text)}`);
  return limit;
}

function parsePriceLine(line: unknown, where: string): PriceQuestion {
  const { ref, customer, sku, quantity, currency } = fieldsOf(line, where);
  if (!isDecimal(quantity)) {
    throw badRequest(`${where}.quantity must be an exact decimal in a string, such as "12.5"; got ${shown(quantity)}`);
  }
  return {
    ref: parseText(ref, `${where}.ref`),
    customer:
      customer === null ? null : parseText(customer, `${where}.customer`, "a string, or null for public prices"),
    sku: parseText(sku, `${where}.sku`),
    quantity,
    ...(currency === undefined ? {} : { currency: parseCurrency(currency, `${where}.currency`) }),
  };
}

function parseCurrency(value: unknown, where: string): string {
  if (typeof value === "string" && /^[A-Z]{3}$/.test(value)) return value;
  throw badRequest(`${where} must be three capital letters, such as "EUR"; got ${shown(value)}`);
}

function parseWarehouses(value: unknown): string[] {
  if (!Array.isArray(value)) throw badRequest(`warehouses must be an array of strings; got ${shown(value)}`);
  return value.map((code: unknown, at) => parseText(code, `warehouses[${at}]`));
}

function parseList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) throw badRequest(`${where} must be an array; got ${shown(value)}`);
  if (value.length === 0) throw badRequest(`${where} is empty: ask for 1 to ${maxLines}`);
  if (value.length > maxLines)
    throw badRequest(`${where} has ${value.length} entries: ask for at most ${maxLines} a call`);
  return value;
}

function parseText(value: unknown, where: string, wanted = "a string"): string {
  if (typeof value === "string") return value;
  throw badRequest(`${where} must be ${wanted}; got ${shown(value)}`);
}

function fieldsOf(value: unknown, where: string): Partial<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  throw badRequest(`${where} must be a JSON object; got ${shown(value)}`);
}
