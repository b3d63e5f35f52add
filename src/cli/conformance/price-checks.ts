import { isDecimal } from "../../pricing/decimal.js";
import { type Check, noCustomer, noSku, oddText, type Samples, Skipped } from "./check.js";
import type { Port } from "./port.js";
import { askPrices, linesFor, type PriceLine } from "./price-lines.js";
import { brokenInPricedLine, type Row } from "./shapes.js";

const mostLines = 500;

const everybody = ({ customers }: Samples): (string | null)[] => [null, ...customers];

export const priceChecks: readonly Check[] = [
  {
    id: "prices-echo",
    promise: "each line is answered once, and echoes its ref, SKU and customer",
    async run(port, samples) {
      return (await askPrices(port, linesFor(samples.skus, everybody(samples)))).wrong;
    },
  },
  {
    id: "prices-shape",
    promise: "a priced line has exact amounts in strings, its currency and the side of its tax",
    async run(port, samples) {
      const { wrong, byRef } = await askPrices(port, linesFor(samples.skus, everybody(samples)));
      const priced = [...byRef.values()].filter(isPriced);
      if (wrong.length === 0 && priced.length === 0)
        return ["none of these SKUs is priced: name some for sale with --sku"];
      return [...wrong, ...priced.flatMap((line) => brokenInPricedLine(line, `the line of SKU ${line["sku"]}`))];
    },
  },
  {
    id: "prices-unknown-sku",
    promise: "an unknown SKU is its line's status, and spoils no other line",
    run: (port, samples) =>
      besideGoodLine(port, samples, { ref: "stranger", customer: null, sku: noSku, quantity: "1" }, "unknown"),
  },
  {
    id: "prices-unknown-customer",
    promise: "an unknown customer is its line's status, never a price, and spoils no other line",
    run: (port, samples) =>
      besideGoodLine(
        port,
        samples,
        { ref: "stranger", customer: noCustomer, sku: samples.skus[0] ?? "", quantity: "1" },
        "unknown-customer",
      ),
  },
  {
    id: "prices-odd-text",
    promise: "an SKU is told back as it was sent, whatever characters it has",
    run: (port, samples) =>
      besideGoodLine(port, samples, { ref: `"é/ 1`, customer: null, sku: oddText, quantity: "1" }, "unknown"),
  },
  {
    id: "prices-mixed",
    promise: "customers, and the public, asked in one call pay what they pay asked alone",
    async run(port, samples) {
      if (samples.customers.length === 0) return new Skipped("name customers with --customer");
      const lines = linesFor(samples.skus.slice(0, 2), everybody(samples));
      const together = await askPrices(port, lines);
      const wrong = [...together.wrong];
      for (const line of lines) {
        const alone = (await askPrices(port, [line])).byRef.get(line.ref);
        const among = together.byRef.get(line.ref);
        if (priceOf(alone) !== priceOf(among))
          wrong.push(`${who(line)}: ${priceOf(among)} among others, ${priceOf(alone)} alone`);
      }
      return wrong;
    },
  },
  {
    id: "prices-500-lines",
    promise: `one call may carry ${mostLines} lines`,
    async run(port, samples) {
      const audience = everybody(samples);
      const lines = Array.from(
        { length: mostLines },
        (_, index): PriceLine => ({
          ref: String(index),
          customer: audience[index % audience.length] ?? null,
          sku: samples.skus[index % samples.skus.length] ?? "",
          quantity: String(1 + (index % 50)),
        }),
      );
      return (await askPrices(port, lines)).wrong;
    },
  },
  {
    id: "prices-currency",
    promise: "a line asked in a currency is never priced in another one",
    async run(port, { skus }) {
      const line = { ref: "foreign", customer: null, sku: skus[0] ?? "", quantity: "1", currency: "XTS" };
      const { wrong, byRef } = await askPrices(port, [line]);
      const row = byRef.get("foreign");
      if (!isPriced(row) || row?.["currency"] === "XTS") return wrong;
      return [...wrong, `asked in XTS, it is priced in ${row?.["currency"]}: say status "error" instead`];
    },
  },
];

async function besideGoodLine(port: Port, { skus }: Samples, line: PriceLine, status: string): Promise<string[]> {
  const good = { ref: "good", customer: null, sku: skus[0] ?? "", quantity: "1" };
  const { wrong, byRef } = await askPrices(port, [line, good]);
  const said = byRef.get(line.ref)?.["status"];
  const neighbour = byRef.get(good.ref);
  return [
    ...wrong,
    ...(wrong.length > 0 || said === status
      ? []
      : [`${who(line)} should have the status "${status}", not ${JSON.stringify(said)}`]),
    ...(wrong.length > 0 || isPriced(neighbour)
      ? []
      : [`${who(good)} beside it should be priced, not ${JSON.stringify(neighbour?.["status"])}`]),
  ];
}

function isPriced(row: Row | undefined): boolean {
  return row?.["status"] === "priced";
}

/** The unit price in its currency; the status where there is none. */
export function priceOf(row: Row | undefined): string {
  if (!isPriced(row)) return String(row?.["status"] ?? "no answer");
  const { unitPrice, currency } = row ?? {};
  return `${isDecimal(unitPrice) ? unitPrice.replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "") : unitPrice} ${currency}`;
}

export function who({ sku, customer }: Pick<PriceLine, "sku" | "customer">): string {
  return `SKU ${JSON.stringify(sku)} for ${customer === null ? "the public" : `customer ${JSON.stringify(customer)}`}`;
}
