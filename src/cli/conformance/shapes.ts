import { isDecimal, isPositive } from "../../pricing/decimal.js";

// The schemas of docs/erp/erp-port.openapi.yaml: each function tells what a value breaks of its own.

export type Row = Partial<Record<string, unknown>>;

export function rowOf(value: unknown): Row {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Row) : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

type Judge = (value: unknown) => string | null;

const text: Judge = (value) => (typeof value === "string" ? null : "a text");
const decimal: Judge = (value) => (isDecimal(value) ? null : 'a decimal in a string, such as "12.50"');
const currency: Judge = (value) => (/^[A-Z]{3}$/.test(String(value)) ? null : "an ISO 4217 code");
const flag: Judge = (value) => (typeof value === "boolean" ? null : "true or false");
const day: Judge = (value) => (/^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? null : 'a day, such as "2026-12-01"');
const whole: Judge = (value) => (Number.isInteger(value) && Number(value) >= 0 ? null : "a whole number from 0");
const instant: Judge = (value) =>
  /^\d{4}-\d{2}-\d{2}[Tt].*([Zz]|[+-]\d{2}:\d{2})$/.test(String(value)) && !Number.isNaN(Date.parse(String(value)))
    ? null
    : "an RFC 3339 instant with its zone";

function oneOf(...values: readonly unknown[]): Judge {
  return (value) => (values.includes(value) ? null : `one of ${values.join(", ")}`);
}

function orNull(judge: Judge): Judge {
  return (value) => (value === null ? null : judge(value));
}

interface Shape {
  readonly needed: Readonly<Record<string, Judge>>;
  readonly optional: Readonly<Record<string, Judge>>;
}

function broken(row: Row, what: string, { needed, optional }: Shape): string[] {
  const told = (name: string, judge: Judge, value: unknown) => {
    const wanted = judge(value);
    return wanted === null ? [] : [`${what}: ${name} should be ${wanted}, not ${JSON.stringify(value) ?? "missing"}`];
  };
  return [
    ...Object.entries(needed).flatMap(([name, judge]) => told(name, judge, row[name])),
    ...Object.entries(optional).flatMap(([name, judge]) =>
      row[name] === undefined || row[name] === null ? [] : told(name, judge, row[name]),
    ),
  ];
}

export function brokenInPricedLine(line: Row, what: string): string[] {
  const shape: Shape = {
    needed: { currency, taxBasis: oneOf("net", "gross"), unitPrice: decimal },
    optional: {
      ...{ taxRate: decimal, unit: text, priceUnit: decimal, minimumQuantity: decimal, quantityIncrement: decimal },
      ...{ priceList: text, priceScope: orNull(text), validUntil: instant, computedAt: instant },
    },
  };
  const wrong = broken(line, what, shape);
  if (line["taxBasis"] === "gross" && !isDecimal(line["taxRate"]))
    wrong.push(`${what}: a gross price needs a taxRate, since the net price is derived from it`);
  for (const name of ["priceUnit", "quantityIncrement"]) {
    const value = line[name];
    if (isDecimal(value) && !isPositive(value)) wrong.push(`${what}: ${name} should be above 0, not "${value}"`);
  }
  return [...wrong, ...brokenInTiers(line["tiers"], what)];
}

function brokenInTiers(tiers: unknown, what: string): string[] {
  if (tiers === undefined || tiers === null) return [];
  if (!Array.isArray(tiers)) return [`${what}: tiers should be a list`];
  const rows = tiers.map(rowOf);
  const wrong = rows.flatMap((tier) =>
    broken(tier, `${what}, a tier`, { needed: { from: decimal, unitPrice: decimal }, optional: {} }),
  );
  const froms = rows.map(({ from }) => Number(from));
  return new Set(froms).size < froms.length ? [...wrong, `${what}: two tiers begin at one quantity`] : wrong;
}

export function brokenInStockItem(item: Row, what: string): string[] {
  const wrong = broken(item, what, {
    needed: {},
    optional: { backorder: flag, restockDate: day, leadTimeDays: whole },
  });
  const { warehouses } = item;
  if (warehouses !== undefined && !Array.isArray(warehouses)) return [...wrong, `${what}: warehouses should be a list`];
  const rows = listOf(warehouses).map(rowOf);
  const codes = rows.map(({ code }) => code);
  return [
    ...wrong,
    ...rows.flatMap((row) =>
      broken(row, `${what}, a warehouse`, { needed: { code: text, available: decimal }, optional: {} }),
    ),
    ...(new Set(codes).size < codes.length ? [`${what}: a warehouse is listed twice`] : []),
  ];
}

export function brokenInCustomer(customer: Row, what: string): string[] {
  return broken(customer, what, {
    needed: { code: text },
    optional: {
      ...{ name: text, currency, priceScope: text, paymentTerms: text },
      ...{ creditLimit: decimal, creditAvailable: decimal, blocked: flag },
    },
  });
}

export function brokenInChange(change: Row, what: string): string[] {
  return broken(change, what, {
    needed: { kind: oneOf("price", "stock", "customer", "removed") },
    optional: { sku: text, customer: text, priceScope: text },
  });
}
