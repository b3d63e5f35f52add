// Queries of OData, in the words that both versions of Service Layer take.
// Source: SAP's "Working with SAP Business One Service Layer", 3.7.

/** Values in one filter: as many rows as a page has there unless it is set otherwise. */
export const valuesPerFilter = 20;

/** A value of text: a quote in it is written twice. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** @param options such as `{ $filter: "ItemCode eq 'A'" }` */
export function toQuery(list: string, options: Readonly<Record<string, string>>): string {
  const parts = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${list}?${parts.join("&")}`;
}

/** Holds for rows whose `field` is one of these. */
export function oneOf(field: string, values: readonly string[]): string {
  return values.map((value) => `${field} eq ${quoted(value)}`).join(" or ");
}

/** In as few groups as it takes. */
export function inGroups<T>(values: readonly T[], size: number): T[][] {
  const starts = Array.from({ length: Math.ceil(values.length / size) }, (_, n) => n * size);
  return starts.map((start) => values.slice(start, start + size));
}
