import type { Money } from "./answer.js";

/**
 * Amounts go to Intl as the texts they are, so that nothing is rounded but once, for display.
 * @param decimals at most so many; never fewer than the currency's own
 */
export function formatMoney({ amount, currency }: Money, locale: string, decimals: number): string {
  const style = { style: "currency", currency } as const;
  const own = new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits as number;
  const maximumFractionDigits = Math.max(own, decimals);
  return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits }).format(toNumeric(amount));
}

/** A quantity, such as "2.5". */
export function formatQuantity(quantity: string, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(toNumeric(quantity));
}

/** The time alone for what is of today. */
export function formatInstant(instant: string, locale: string): string {
  const when = new Date(instant);
  const dateStyle = when.toDateString() === new Date().toDateString() ? undefined : "short";
  return new Intl.DateTimeFormat(locale, { dateStyle, timeStyle: "short" }).format(when);
}

/** @param day a calendar day, such as "2026-12-01": the same one in every time zone */
export function formatDay(day: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(day));
}

/** Such as "in 5 days". */
export function formatDays(days: number, locale: string): string {
  return new Intl.RelativeTimeFormat(locale).format(days, "day");
}

function toNumeric(decimal: string): `${number}` {
  if (/^-?\d+(\.\d+)?$/.test(decimal)) return decimal as `${number}`;
  throw new Error(`no decimal: ${decimal}`);
}
