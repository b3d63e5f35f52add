import type { Port } from "./port.js";
import { listOf, type Row, rowOf } from "./shapes.js";

export interface PriceLine {
  readonly ref: string;
  readonly customer: string | null;
  readonly sku: string;
  readonly quantity: string;
  readonly currency?: string;
}

/** Lines for all of these SKUs and customers, under refs that are no positions. */
export function linesFor(skus: readonly string[], customers: readonly (string | null)[]): PriceLine[] {
  const pairs = skus.flatMap((sku) => customers.map((customer) => ({ sku, customer })));
  return pairs.map(({ sku, customer }, index) => ({
    ref: `line-${(index * 7919) % 10007}`,
    customer,
    sku,
    quantity: "1",
  }));
}

export interface PricesAnswer {
  /** What is wrong with the answer as a whole, and with its echoes. */
  readonly wrong: readonly string[];
  readonly byRef: ReadonlyMap<string, Row>;
}

/** Asks, and looks whether each line was answered once, as itself. */
export async function askPrices(port: Port, lines: readonly PriceLine[]): Promise<PricesAnswer> {
  const { status, json } = await port.post("/v1/prices", { lines });
  if (status !== 200 || !Array.isArray(rowOf(json)["lines"]))
    return { wrong: [`POST /v1/prices should answer 200 with a list "lines", not HTTP ${status}`], byRef: new Map() };
  const rows = listOf(rowOf(json)["lines"]).map(rowOf);
  return { wrong: brokenEchoes(lines, rows), byRef: new Map(rows.map((row) => [String(row["ref"]), row])) };
}

function brokenEchoes(lines: readonly PriceLine[], rows: readonly Row[]): string[] {
  const wrong = lines.flatMap(({ ref, sku, customer }) => {
    const found = rows.filter((row) => row["ref"] === ref);
    const [row] = found;
    if (row === undefined) return [`the line ${ref} is not answered`];
    if (found.length > 1) return [`the line ${ref} is answered ${found.length} times`];
    const isEchoed = row["sku"] === sku && row["customer"] === customer;
    return isEchoed
      ? []
      : [`the line ${ref} asked ${shown(sku, customer)} and echoes ${shown(row["sku"], row["customer"])}`];
  });
  const refs = new Set<unknown>(lines.map(({ ref }) => ref));
  const strangers = rows.filter((row) => !refs.has(row["ref"])).length;
  return strangers === 0 ? wrong : [...wrong, `${strangers} lines answer no ref that was asked`];
}

function shown(sku: unknown, customer: unknown): string {
  return `SKU ${JSON.stringify(sku)} for customer ${JSON.stringify(customer) ?? "missing"}`;
}
