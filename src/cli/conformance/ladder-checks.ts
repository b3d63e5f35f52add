import { canonical, isDecimal } from "../../pricing/decimal.js";
import { sortTiers, type Tier, unitPriceAt } from "../../pricing/ladder.js";
import { type Check, type Samples, Skipped } from "./check.js";
import type { Port } from "./port.js";
import { who } from "./price-checks.js";
import { askPrices, linesFor, type PriceLine } from "./price-lines.js";
import { listOf, type Row, rowOf } from "./shapes.js";

/** Most quantities of one ladder that are asked after. */
const mostBreaks = 4;

export const ladderChecks: readonly Check[] = [
  {
    id: "prices-ladder",
    promise: "tiers are the whole ladder: each quantity asked for alone has the price that follows from them",
    async run(port, samples) {
      const lines = linesFor(samples.skus, [null, ...samples.customers]);
      const { wrong, byRef } = await askPrices(port, lines);
      const asks = lines.flatMap((line) => quantitiesToAsk(line, byRef.get(line.ref)));
      if (wrong.length === 0 && asks.length === 0)
        return new Skipped("no line tells tiers: each quantity is asked for");
      return [...wrong, ...(await compare(port, asks))];
    },
  },
  {
    id: "prices-scope",
    promise: "customers that name one price scope pay the same, and a line that names its scope names the record's",
    run: compareScopes,
  },
];

interface Expected {
  readonly line: PriceLine;
  readonly unitPrice: string;
}

function quantitiesToAsk(line: PriceLine, row: Row | undefined): Expected[] {
  const tiers = row === undefined ? [] : tiersOf(row);
  const unitPrice = row?.["unitPrice"];
  if (row === undefined || !Array.isArray(row["tiers"]) || !isDecimal(unitPrice)) return [];
  const quantities = [...new Set(["1", ...tiers.map(({ from }) => canonical(from)), "99999"])].slice(-mostBreaks);
  const ladder = { tiers, unitPrice };
  return quantities.map((quantity) => ({
    line: { ...line, ref: `${line.ref} at ${quantity}`, quantity },
    unitPrice: unitPriceAt(ladder, quantity),
  }));
}

function tiersOf(row: Row): Tier[] {
  const tiers = listOf(row["tiers"]).map(rowOf);
  return sortTiers(
    tiers.flatMap(({ from, unitPrice }) => (isDecimal(from) && isDecimal(unitPrice) ? [{ from, unitPrice }] : [])),
  );
}

async function compare(port: Port, asks: readonly Expected[]): Promise<string[]> {
  if (asks.length === 0) return [];
  const asked = asks.slice(0, 500);
  const { wrong, byRef } = await askPrices(
    port,
    asked.map(({ line }) => line),
  );
  return [...wrong, ...asked.flatMap((ask) => brokenLadder(ask, byRef.get(ask.line.ref)))];
}

/** Told at this quantity is what the line's own ladder makes of it: that is how it would be read. */
function brokenLadder({ line, unitPrice }: Expected, row: Row | undefined): string[] {
  const base = row?.["unitPrice"];
  const told =
    row !== undefined && isDecimal(base) ? unitPriceAt({ tiers: tiersOf(row), unitPrice: base }, line.quantity) : null;
  if (told !== null && canonical(told) === canonical(unitPrice)) return [];
  return [
    `${who(line)}: ${line.quantity} pieces are ${unitPrice} by the ladder, and ${told ?? "no price"} asked alone`,
  ];
}

async function compareScopes(port: Port, { skus, customers }: Samples): Promise<string[] | Skipped> {
  const scopes = new Map<string, string[]>();
  const scopeOf = new Map<string, string>();
  for (const code of customers) {
    const scope = rowOf((await port.get(`/v1/customers/${encodeURIComponent(code)}`)).json)["priceScope"];
    if (typeof scope !== "string") continue;
    scopes.set(scope, [...(scopes.get(scope) ?? []), code]);
    scopeOf.set(code, scope);
  }
  if (scopeOf.size === 0) return new Skipped("no customer given with --customer names a price scope");
  const lines = linesFor(skus, [...scopeOf.keys()]);
  const { wrong, byRef } = await askPrices(port, lines);
  const problems = [...wrong];
  for (const line of lines) {
    const row = byRef.get(line.ref);
    const own = scopeOf.get(line.customer ?? "");
    const echo = row?.["priceScope"];
    if (echo !== undefined && echo !== own)
      problems.push(`${who(line)} names the scope ${JSON.stringify(echo)}, and the record ${JSON.stringify(own)}`);
    const [first] = scopes.get(own ?? "") ?? [];
    const peer = lines.find(({ sku, customer }) => sku === line.sku && customer === first);
    const theirs = peer === undefined ? undefined : byRef.get(peer.ref);
    if (ladderText(theirs) !== ladderText(row))
      problems.push(
        `${who(line)} pays ${ladderText(row)}, and customer ${first} of the same scope ${ladderText(theirs)}`,
      );
  }
  return problems;
}

function ladderText(row: Row | undefined): string {
  if (row === undefined || row["status"] !== "priced") return String(row?.["status"]);
  const tiers = tiersOf(row).map(({ from, unitPrice }) => `${canonical(from)}: ${canonical(unitPrice)}`);
  return `${row["unitPrice"]} ${row["currency"]} (${tiers.join(", ")})`;
}
