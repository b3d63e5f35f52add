import type { PriceKey } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import type { ErpSource, Outcome } from "../../pricing/source.js";
import type { ProbeCalls } from "./probe-calls.js";

/** What the answers say of how the ERP counts. */
export interface Facts {
  readonly found: number;
  readonly unknown: number;
  /** Messages of keys that failed, each once. */
  readonly failures: readonly string[];
  /** Most decimals of an amount, zeros at the end left out. */
  readonly decimals: number;
  readonly taxBases: readonly ("NET" | "GROSS")[];
  /** How many answers tell no tax rate. */
  readonly withoutTaxRate: number;
  readonly currencies: readonly string[];
  /** Answers that tell the whole ladder; the others tell the asked quantity alone. */
  readonly wholeLadders: number;
}

export function factsOf(outcomes: readonly Outcome<Ladder>[]): Facts {
  const ladders = outcomes.flatMap((outcome) => (outcome.kind === "found" ? [outcome.answer] : []));
  const amounts = ladders.flatMap(({ unitPrice, tiers }) => [unitPrice, ...tiers.map((tier) => tier.unitPrice)]);
  const failures = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? [outcome.error.message] : []));
  return {
    found: ladders.length,
    unknown: outcomes.filter(({ kind }) => kind === "unknown").length,
    failures: [...new Set(failures)],
    decimals: Math.max(0, ...amounts.map(decimalsOf)),
    taxBases: [...new Set(ladders.map(({ taxBasis }) => taxBasis))].sort(),
    withoutTaxRate: ladders.filter(({ taxRate }) => taxRate === null).length,
    currencies: [...new Set(ladders.map(({ currency }) => currency))].sort(),
    wholeLadders: ladders.filter(({ onlyQuantity }) => onlyQuantity === null).length,
  };
}

function decimalsOf(amount: string): number {
  return (amount.split(".")[1] ?? "").replace(/0+$/, "").length;
}

/** What an unknown SKU among known ones does. */
export type UnknownSku =
  | "told as unknown, its neighbours answered"
  | "told as unknown, and a neighbour is lost"
  | "told as an error of its own"
  | "answered as if it were known"
  | "fails the whole call";

/** @param known a key that was answered. @param unknown of the same group */
export async function askUnknownSku(
  calls: ProbeCalls,
  prices: ErpSource<PriceKey, Ladder>,
  known: PriceKey,
  unknown: PriceKey,
): Promise<UnknownSku> {
  const { outcomes, error } = await calls.read(prices, prices.keysPerCall > 1 ? [known, unknown] : [unknown]);
  if (error !== null) return "fails the whole call";
  const stranger = outcomes.at(-1)?.kind;
  if (stranger === "found") return "answered as if it were known";
  if (stranger === "failed") return "told as an error of its own";
  const isNeighbourThere = outcomes.length === 1 || outcomes[0]?.kind === "found";
  return isNeighbourThere ? "told as unknown, its neighbours answered" : "told as unknown, and a neighbour is lost";
}
