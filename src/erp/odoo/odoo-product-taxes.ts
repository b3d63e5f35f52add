import { ErpBadAnswer } from "../../errors.js";
import { type Decimal, sumDecimals } from "../../pricing/decimal.js";
import type { TaxShare } from "../../pricing/ladder.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooSession } from "./odoo-session.js";
import { readTaxRows, type Tax, toTax } from "./odoo-taxes.js";

/** What the taxes of a product make of its price. */
export interface ProductTaxes {
  readonly basis: "NET" | "GROSS";
  /** In percent; null where no one rate is true, and then the basis is NET. */
  readonly rate: Decimal | null;
  readonly shares: readonly TaxShare[];
}

/** The taxes on sales, by id. */
export async function readTaxTable(
  session: OdooSession,
  { context, productFields }: Ground,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Tax>> {
  if (!productFields.has("taxes_id")) return new Map();
  const rows = await readTaxRows(session, context, [["type_tax_use", "=", "sale"]], signal);
  return new Map(rows.map(toTax).map((tax) => [tax.id, tax]));
}

/**
 * Those known, and what is asked besides: taxes made since, and archived ones that a position puts in; those of other companies
 * Odoo leaves out.
 * @param taxes as {@link readTaxTable}
 */
export async function readTaxes(
  session: OdooSession,
  { context }: Ground,
  taxes: ReadonlyMap<number, Tax>,
  ids: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Tax>> {
  const missing = [...new Set(ids)].filter((id) => !taxes.has(id));
  if (missing.length === 0) return taxes;
  const all = { ...context, active_test: false };
  const found = (await readTaxRows(session, all, [["id", "in", missing]], signal)).map(toTax);
  return new Map([...taxes, ...found.map((tax) => [tax.id, tax] as const)]);
}

/** The taxes that an order's line takes from its product: those of its company, else of the company above it. */
export function ownTaxes(ids: readonly number[], taxes: ReadonlyMap<number, Tax>, company: number): Tax[] {
  const known = ids.flatMap((id) => taxes.get(id) ?? []);
  const own = known.filter((tax) => tax.company === company || tax.company === null);
  return own.length > 0 ? own : known;
}

/** The taxes that a fiscal position put in their place. @throws {ErpBadAnswer} where Odoo does not show one */
export function exchangedTaxes(ids: readonly number[], taxes: ReadonlyMap<number, Tax>): Tax[] {
  return ids.map((id) => {
    const tax = taxes.get(id);
    if (tax === undefined) throw new ErpBadAnswer(`Odoo does not show the tax ${id} of a fiscal position to its user`);
    return tax;
  });
}

/** @throws {ErpBadAnswer} where a price holds taxes that cannot be taken out of it */
export function toProductTaxes(used: readonly Tax[]): ProductTaxes {
  const shares = used.flatMap(({ id, rate }) => (rate === null ? [] : [{ id: String(id), rate }]));
  const rate = hasOneRate(used) ? sumDecimals(shares.map((share) => share.rate)) : null;
  if (!used.some(({ included }) => included)) return { basis: "NET", rate, shares };
  if (rate !== null && used.every(({ included }) => included)) return { basis: "GROSS", rate, shares };
  throw new ErpBadAnswer(
    `its price includes taxes (${used.map(({ id }) => id).join(", ")}) that are not all percentages included in the price`,
  );
}

function hasOneRate(taxes: readonly Tax[]): boolean {
  const compounds = taxes.length > 1 && taxes.some(({ raisesBase }) => raisesBase);
  return !compounds && taxes.every(({ rate }) => rate !== null);
}
