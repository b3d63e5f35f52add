import { ErpBadAnswer } from "../../errors.js";
import { dayAfter } from "../calendar.js";
import { parseDate, type Row, shown } from "../parse.js";

/** SAP's tYES and tNO; null is no. @throws {ErpBadAnswer} */
export function isYes(value: unknown, what: string): boolean {
  if (value === "tYES") return true;
  if (value === "tNO" || value === null) return false;
  throw new ErpBadAnswer(`${what} should be tYES or tNO, not ${shown(value)}`);
}

/** A day, with a midnight behind it in `/b1s/v2`; null where there is none. @throws {ErpBadAnswer} */
export function dayOf(value: unknown, what: string): string | null {
  if (value === null || value === undefined || value === "") return null;
  return parseDate(typeof value === "string" ? value.replace(/T00:00:00(\.0+)?Z?$/, "") : value, what);
}

/** Days, both included; null where it has no such end. */
export interface Period {
  readonly from: string | null;
  readonly to: string | null;
}

export function periodOf(from: unknown, to: unknown, what: string): Period {
  return { from: dayOf(from, `the first day of ${what}`), to: dayOf(to, `the last day of ${what}`) };
}

export function holdsOn({ from, to }: Period, day: string): boolean {
  return (from === null || from <= day) && (to === null || day <= to);
}

/** The days after `day` on which it begins, or is over. */
export function turnsAfter({ from, to }: Period, day: string): string[] {
  return [from, to === null ? null : dayAfter(to)].flatMap((turn) => (turn !== null && turn > day ? [turn] : []));
}

export const validityFields = "Valid,ValidFrom,ValidTo,Frozen,FrozenFrom,FrozenTo";

/**
 * Whether this item or partner is active on `day`: "Active", "Inactive" and "Advanced" of its card. Source: SAP's database reference,
 * OITM and OCRD: `validFor`, `validFrom`, `validTo`, `frozenFor`, `frozenFrom`, `frozenTo`.
 */
export function isActiveOn(row: Row, day: string, what: string): boolean {
  const frozen = periodOf(row["FrozenFrom"], row["FrozenTo"], `${what} being inactive`);
  if (isYes(row["Frozen"], `whether ${what} is inactive`) && holdsOn(frozen, day)) return false;
  const valid = periodOf(row["ValidFrom"], row["ValidTo"], `${what} being active`);
  return !isYes(row["Valid"], `whether ${what} is active`) || holdsOn(valid, day);
}
