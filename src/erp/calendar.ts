// The days of an ERP are those of its company: a price list's line ends at midnight there.

/** @param instant ms since the epoch @returns the day there, such as "2026-12-01" */
export function dayAt(instant: number, timeZone: string): string {
  return new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short" }).format(instant);
}

/** @returns the day that follows such as "2026-12-31"; behind "9999-12-31", how many write "for ever", a text that sorts before all days */
export function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/** @returns ms since the epoch of the first moment of `day` in this time zone */
export function startOfDay(day: string, timeZone: string): number {
  const guess = Date.parse(`${day}T00:00:00Z`);
  // Twice, since the offset at the guess may lie on the other side of a change of the clocks.
  return guess - offsetAt(guess - offsetAt(guess, timeZone), timeZone);
}

function offsetAt(instant: number, timeZone: string): number {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
  return Date.parse(`${format.format(instant).replace(" ", "T")}Z`) - instant;
}
