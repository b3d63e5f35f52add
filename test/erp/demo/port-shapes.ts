/** Checks written by hand after the description of the ERP port: each returns what is wrong, nothing where all is right. */

type Fields = Record<string, unknown>;
type Check = (value: unknown) => boolean;

const decimal: Check = (value) => typeof value === "string" && /^-?[0-9]{1,15}(\.[0-9]{1,6})?$/.test(value);
const text: Check = (value) => typeof value === "string";
const flag: Check = (value) => typeof value === "boolean";
const currency: Check = (value) => typeof value === "string" && /^[A-Z]{3}$/.test(value);
const day: Check = (value) =>
  typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value) && !Number.isNaN(Date.parse(value));
const instant: Check = (value) => typeof value === "string" && value === new Date(value).toISOString();
const oneOf =
  (...choices: readonly unknown[]): Check =>
  (value) =>
    choices.includes(value);
const days: Check = (value) => Number.isInteger(value) && (value as number) >= 0;
const textOrNull: Check = (value) => value === null || text(value);
const listOf =
  (check: (entry: unknown) => string[]): Check =>
  (value) =>
    Array.isArray(value) && value.every((entry) => check(entry).length === 0);

function wrong(value: unknown, required: Record<string, Check>, optional: Record<string, Check> = {}): string[] {
  if (typeof value !== "object" || value === null) return [`no object: ${JSON.stringify(value)}`];
  const fields = value as Fields;
  const checks = { ...optional, ...required };
  return [
    ...Object.keys(required)
      .filter((name) => !(name in fields))
      .map((name) => `${name} is missing`),
    ...Object.entries(fields)
      .filter(([name, field]) => !(checks[name]?.(field) ?? false))
      .map(([name, field]) => `${name} is ${JSON.stringify(field)}`),
  ];
}

const tier = (value: unknown) => wrong(value, { from: decimal, unitPrice: decimal });

export function wrongInPriceLine(line: unknown): string[] {
  const echo = { ref: text, customer: textOrNull, sku: text };
  if ((line as Fields)["status"] !== "priced") {
    return wrong(line, { ...echo, status: oneOf("unknown", "unknown-customer", "error") }, { message: text });
  }
  return wrong(
    line,
    { ...echo, status: oneOf("priced"), currency, taxBasis: oneOf("net", "gross"), unitPrice: decimal },
    {
      taxRate: decimal,
      unit: text,
      priceUnit: decimal,
      minimumQuantity: decimal,
      quantityIncrement: decimal,
      tiers: listOf(tier),
      priceList: text,
      priceScope: textOrNull,
      validUntil: instant,
      computedAt: instant,
    },
  );
}

export function wrongInStockItem(item: unknown): string[] {
  const warehouse = (value: unknown) => wrong(value, { code: text, available: decimal });
  return wrong(
    item,
    { sku: text, status: oneOf("found", "unknown", "error") },
    { message: text, backorder: flag, restockDate: day, leadTimeDays: days, warehouses: listOf(warehouse) },
  );
}

export function wrongInCustomer(record: unknown): string[] {
  return wrong(
    record,
    { code: text },
    {
      name: text,
      currency,
      priceScope: text,
      paymentTerms: text,
      creditLimit: decimal,
      creditAvailable: decimal,
      blocked: flag,
    },
  );
}

export function wrongInChanges(answer: unknown): string[] {
  const kinds = oneOf("price", "stock", "customer", "removed");
  const change = (value: unknown) => wrong(value, { kind: kinds }, { sku: text, customer: text, priceScope: text });
  return wrong(answer, { changes: listOf(change), next: text, more: flag });
}

export function wrongInProducts(answer: unknown): string[] {
  return wrong(answer, { skus: (skus) => Array.isArray(skus) && skus.every(text), next: textOrNull });
}

export function wrongInProblem(problem: unknown): string[] {
  return wrong(problem, { title: text, detail: text, status: Number.isInteger });
}
