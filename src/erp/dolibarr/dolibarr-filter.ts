// Dolibarr's list calls take a small filter language: (t.ref:=:'A') or (t.ref:in:'A','B'). It has no way to escape. What a
// value may hold was read in Dolibarr's own code: a value ends at a parenthesis; up to 19 it ends at a colon as well; `in`
// silently drops all but letters, digits and _ - . from its values, and so would ask for another SKU; and the firewall in
// front refuses a double quote anywhere.

/** What `in` leaves as it is. */
const keptByIn = /^[A-Za-z0-9_.-]+$/;

const unfit = /[()'":\\<>\p{C}\u2028\u2029]/u;

/**
 * What the firewall takes for the beginning of an attack whose end ("select", "set … =") may come much later: in another value
 * of the same call, though in none of its own.
 */
const suspicious = /union|update/i;

/** Words that Dolibarr replaces in a filter, wherever they stand. */
const placeholders = /__NOW__|__USER_ID__/g;

/** The first version on which `in` was seen to take texts: on 18 it makes SQL that fails. */
const inSince = 20;

/** Most characters of one filter, percent-encoded: web servers take 8,190 in a request's first line. */
const longestFilter = 4000;

/** Rows that a filter which can only say "alike" may bring; more than these, and the one looked for may be missing. */
const mostAlike = 10;

/** One list call. */
export interface Filter {
  readonly text: string;
  /** With this many rows or more, some may have been left out. */
  readonly limit: number;
}

/** Whether a value can be looked for together with others. One that cannot is asked in a call of its own. */
export function sharesFilter(value: string): boolean {
  return (
    !unfit.test(value) &&
    !suspicious.test(value) &&
    value.replace(placeholders, "") === value &&
    value.trim() === value &&
    value !== ""
  );
}

/**
 * The list calls that find rows whose `field` is one of `values`. They may bring others too, since the database takes a for A
 * and é for e: who reads must compare.
 * @param values no two alike
 */
export function toFilters(field: string, values: readonly string[], version: number): Filter[] {
  const shared = values.filter(sharesFilter);
  const alone = values.filter((value) => !sharesFilter(value));
  return [...splitByLength(field, shared, version), ...alone.map((value) => toLikeFilter(field, value))];
}

function splitByLength(field: string, values: readonly string[], version: number): Filter[] {
  if (values.length === 0) return [];
  const text = toText(field, values, version);
  if (values.length === 1 || encodeURIComponent(text).length <= longestFilter) {
    return [{ text, limit: 2 * values.length + mostAlike }];
  }
  const half = Math.ceil(values.length / 2);
  return [
    ...splitByLength(field, values.slice(0, half), version),
    ...splitByLength(field, values.slice(half), version),
  ];
}

function toText(field: string, values: readonly string[], version: number): string {
  const listed = version >= inSince ? values.filter((value) => keptByIn.test(value)) : [];
  const others = values.filter((value) => !listed.includes(value));
  const list = listed.length === 0 ? [] : [`(${field}:in:${listed.map((value) => `'${value}'`).join(",")})`];
  return [...list, ...others.map((value) => `(${field}:=:'${value}')`)].join(" or ");
}

/** `_` stands for any one character, so what cannot be written is left to it. */
function toLikeFilter(field: string, value: string): Filter {
  const pattern = [...value.replace(placeholders, (word) => "_".repeat(word.length))]
    .map((character) => (character === "%" || unfit.test(character) ? "_" : character))
    .join("");
  return { text: `(${field}:like:'${pattern}')`, limit: mostAlike };
}
