export type FakeRow = Record<string, unknown>;

export interface Reply {
  readonly status: number;
  readonly body: unknown;
}

/** As Restler, Dolibarr's REST library, writes an error. */
export function restlerError(status: number, text: string): Reply {
  return { status, body: { error: { code: status, message: text }, debug: { source: "api_products.class.php:211" } } };
}

export interface ListCall {
  readonly query: URLSearchParams;
  readonly major: number;
  /** Seen: 18 says so to any list without a match, 20 and 22 to third parties alone; products are an empty list there. */
  readonly nothingIs404: boolean;
}

/** The rows that a list call brings, as Dolibarr's version does. */
export function answerList(rows: readonly FakeRow[], { query, major, nothingIs404 }: ListCall): Reply {
  const filter = query.get("sqlfilters");
  const matches = filter === null ? () => true : toPredicate(filter, major);
  if (typeof matches === "string") return restlerError(503, `Service Unavailable: ${matches}`);
  const size = Number(query.get("limit") ?? "100");
  const start = Number(query.get("page") ?? "0") * size;
  const found = sort(rows.filter(matches), query).slice(start, start + size);
  if (found.length === 0 && nothingIs404) return restlerError(404, "Not Found: No product found");
  return { status: 200, body: found.map((row) => trim(row, query, major)) };
}

function sort(rows: readonly FakeRow[], query: URLSearchParams): FakeRow[] {
  const field = (query.get("sortfield") ?? "t.rowid").replace("t.", "");
  const name = field === "rowid" ? "id" : field === "tms" ? "date_modification" : field;
  const sign = query.get("sortorder") === "DESC" ? -1 : 1;
  return [...rows].sort((a, b) => sign * (Number(a[name]) - Number(b[name])));
}

function trim(row: FakeRow, query: URLSearchParams, major: number): FakeRow {
  const properties = query.get("properties");
  const shown = properties === null || major < 20 ? Object.keys(row) : properties.split(",");
  const told: FakeRow = Object.fromEntries(shown.filter((name) => name in row).map((name) => [name, row[name]]));
  // Seen: 18 and 20 tell when a product was written as the database does, and other rows as 22 does.
  const isText = major < 22 && "status_buy" in row && "date_modification" in told;
  return isText ? { ...told, date_modification: asDatabase(Number(row["date_modification"])) } : told;
}

/** @param at in seconds */
function asDatabase(at: number): string {
  return new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ");
}

type Predicate = (row: FakeRow) => boolean;

/** @returns what the database complains of, where it does. Criteria are joined by "or", or by "and" */
function toPredicate(filter: string, major: number): Predicate | string {
  const criteria = [...filter.matchAll(/\(([a-z0-9_.]+):([<>!=a-z]+):([^()]+)\)/gi)];
  const rest = filter.replace(/\(([a-z0-9_.]+):([<>!=a-z]+):([^()]+)\)/gi, "").replace(/\band\b|\bor\b|[ ()]/g, "");
  if (rest !== "") return `Bad syntax of the search string: ${filter}`;
  const predicates: Predicate[] = [];
  for (const [, field = "", operator = "", value = ""] of criteria) {
    const predicate = toCriterion(field, operator, value, major);
    if (typeof predicate === "string") return predicate;
    predicates.push(predicate);
  }
  const isAll = / and /.test(filter);
  return (row) => (isAll ? predicates.every((test) => test(row)) : predicates.some((test) => test(row)));
}

function toCriterion(field: string, operator: string, written: string, major: number): Predicate | string {
  const column = field.replace("t.", "");
  if (!/^(rowid|ref|ref_ext|code_client|tosell|tms)$/.test(column))
    return `Unknown column '${field}' in 'where clause'`;
  const name = { rowid: "id", tosell: "status" }[column] ?? column;
  const value = major < 20 ? (written.split(":")[0] as string) : written; // up to 19 a colon ends the value
  const text = (row: FakeRow) => fold(String(row[name] ?? ""));
  const unquoted = value.replace(/^'(.*)'$/s, "$1").replaceAll("__NOW__", "20260101000000");
  switch (operator) {
    case "=":
      return (row) => text(row) === fold(unquoted);
    case ">":
      return (row) => Number(row[name]) > Number(unquoted);
    case "like":
      return (row) => toPattern(unquoted).test(text(row));
    case "in": {
      if (major < 20) return `You have an error in your SQL syntax near '${value}'`;
      const values = value.split(",").map((each) => fold(each.replace(/^'(.*)'$/, "$1").replace(/[^a-z0-9_.-]/gi, "")));
      return (row) => values.includes(text(row));
    }
    default:
      return `You have an error in your SQL syntax near '${operator}'`;
  }
}

/** As the usual collation compares: neither case nor accents count, nor spaces at the end. */
function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().trimEnd();
}

function toPattern(like: string): RegExp {
  const parts = [...fold(like)].map((c) =>
    c === "_" ? "." : c === "%" ? ".*" : c.replace(/[.*+?^${}()|[\]\\/]/, "\\$&"),
  );
  return new RegExp(`^${parts.join("")}$`, "su");
}

/** The rules of the firewall that a catalogue may meet. */
export function looksLikeAttack(query: string): boolean {
  return /"|<script|union.+select|select[/*\s]*from|update[^&=\w].*set.+=/i.test(query);
}
