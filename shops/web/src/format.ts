import type { Money } from "./answer.js";

/**
 * Amounts go to Intl as the texts they are, so that nothing is rounded but once, for display.
 * @param decimals at most so many; never fewer than the currency's own
 */
export function formatMoney({ amount, currency }: Money, locale: string, decimals: number): string {
  const style = { style: "currency", currency } as const;
  const own = new Intl.NumberFormat(locale, style).resolvedOptions().maximumFractionDigits ?? 2;
  const maximumFractionDigits = Math.max(own, decimals);
  return new Intl.NumberFormat(locale, { ...style, maximumFractionDigits }).format(toNumeric(amount));
}

/** A quantity, such as "2.5". */
export function formatQuantity(quantity: string, locale: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(toNumeric(quantity));
}

/** The time alone for what is of today. */
export function formatInstant(instant: string, locale: string, now: number): string {
  const when = new Date(instant);
  const isToday = when.toDateString() === new Date(now).toDateString();
  const date = isToday ? {} : ({ dateStyle: "short" } as const);
  return new Intl.DateTimeFormat(locale, { ...date, timeStyle: "short" }).format(when);
}

function toNumeric(decimal: string): `${number}` {
  if (isDecimal(decimal)) return decimal;
  throw new Error(`"${decimal}" is no decimal number`);
}

const isDecimal = (text: string): text is `${number}` => /^-?\d+(\.\d+)?$/.test(text);
