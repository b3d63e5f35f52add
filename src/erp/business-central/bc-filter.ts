// Filters of OData, in the order and the words that Business Central takes.

/** The longest number that an item or a customer has there: `Code[20]`. */
const longestNumber = 20;

/** Values in one filter. Longer ones would be fewer parts of a batch; how long they may be is not documented. */
const valuesPerFilter = 20;

/** Nothing there can have a number that is longer or not in capitals: asking for it would find another's. */
export function canBeNumber(text: string): boolean {
  return text.length <= longestNumber && text === text.toUpperCase() && text === text.trim();
}

/** A value of text or code. */
export function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** @param options such as `{ $filter: "number eq 'A'" }` */
export function toQuery(list: string, options: Readonly<Record<string, string>>): string {
  const parts = Object.entries(options).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return `${list}?${parts.join("&")}`;
}

/** As few queries as it takes for the rows whose `field` is one of these. */
export function toQueries(list: string, field: string, values: readonly string[], select: string): string[] {
  const starts = Array.from({ length: Math.ceil(values.length / valuesPerFilter) }, (_, n) => n * valuesPerFilter);
  return starts.map((start) => {
    const own = values.slice(start, start + valuesPerFilter);
    return toQuery(list, { $filter: own.map((value) => `${field} eq ${quoted(value)}`).join(" or "), $select: select });
  });
}
