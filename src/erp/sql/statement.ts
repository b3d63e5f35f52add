// One query of the file, with its placeholders found. Values are bound by the driver and never become part of the text.

export type Dialect = "postgresql" | "mysql" | "sqlserver";

export type SqlValue = string | number | null;
export type SqlValues = Readonly<Partial<Record<string, SqlValue | readonly string[]>>>;

export interface Statement {
  /** As in `-- name: prices`. */
  readonly name: string;
  readonly pieces: readonly (string | Placeholder)[];
  readonly placeholders: ReadonlySet<string>;
  /** The line of the file on which the statement's text begins, from 1. */
  readonly firstLine: number;
}

export interface Placeholder {
  readonly placeholder: string;
}

/** How a driver wants its values. */
export interface BindStyle {
  /** A list is one value, or as many as it has members. */
  readonly lists: "array" | "expanded";
  /** Whether one value can stand in several places. */
  readonly reuses: boolean;
  /** @param position of the value, from 1 */
  mark(position: number): string;
}

export interface Bound {
  readonly text: string;
  readonly values: readonly (SqlValue | readonly string[])[];
}

// What may hold a colon or a semicolon without meaning it. Of the rest, only these two and the driver's own marks matter.
const quoted: Record<Dialect, string> = {
  postgresql: String.raw`[eE]'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1`,
  mysql: String.raw`'(?:[^'\\]|''|\\[\s\S])*'|"(?:[^"\\]|""|\\[\s\S])*"|${"`"}(?:[^${"`"}]|${"``"})*${"`"}|#[^\n]*`,
  sqlserver: String.raw`'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]`,
};
const comments = String.raw`--[^\n]*|/\*[\s\S]*?\*/`;

/** Marks that belong to the driver: with ours beside them the values would be counted wrongly. */
const foreignMark: Record<Dialect, RegExp> = {
  postgresql: /^\$\d/,
  mysql: /^\?/,
  sqlserver: /^@pl\d/,
};

/** @throws {Error} whose message goes on after "the query NAME" */
export function parseStatement(name: string, text: string, firstLine: number, dialect: Dialect): Statement {
  const token = new RegExp(`${comments}|${quoted[dialect]}|::|:([A-Za-z_]\\w*)|[\\s\\S]`, "y");
  const pieces: (string | Placeholder)[] = [];
  let plain = "";
  let isOver = false;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    const placeholder = match.at(-1);
    if (isOver && !isEmpty(found))
      throw new Error("holds more than one statement: leave one, without a semicolon in it");
    if (found === ";") isOver = true;
    else if (foreignMark[dialect].test(text.slice(match.index, match.index + 4)))
      throw new Error(
        `holds ${JSON.stringify(found)}, which is the driver's own: use named placeholders, such as :skus`,
      );
    else if (found.startsWith(":") && placeholder !== undefined) {
      pieces.push(plain, { placeholder });
      plain = "";
    } else plain += found;
  }
  pieces.push(plain);
  checkReads(pieces);
  const names = pieces.flatMap((piece) => (typeof piece === "string" ? [] : [piece.placeholder]));
  return { name, pieces, placeholders: new Set(names), firstLine };
}

function isEmpty(token: string): boolean {
  return token.trim() === "" || token.startsWith("--") || token.startsWith("/*");
}

// The transaction is read-only; where a database has no such thing, this is what tells a mistake at the start.
function checkReads(pieces: readonly (string | Placeholder)[]): void {
  const text = String(typeof pieces[0] === "string" ? pieces[0] : "").replace(new RegExp(comments, "g"), " ");
  if (!/^\s*\(*\s*(select|with)\b/i.test(text)) throw new Error("should begin with SELECT or WITH: it may only read");
}

export function bindStatement({ pieces }: Statement, values: SqlValues, style: BindStyle): Bound {
  const bound: (SqlValue | readonly string[])[] = [];
  const marks = new Map<string, string>();
  const add = (value: SqlValue | readonly string[]) => style.mark(bound.push(value));
  const markOf = (name: string): string => {
    const known = style.reuses ? marks.get(name) : undefined;
    if (known !== undefined) return known;
    const value = values[name] ?? null;
    const isExpanded = style.lists === "expanded" && typeof value === "object" && value !== null;
    const mark = isExpanded ? padded(value).map(add).join(", ") : add(value);
    marks.set(name, mark);
    return mark;
  };
  const text = pieces.map((piece) => (typeof piece === "string" ? piece : markOf(piece.placeholder))).join("");
  return { text, values: bound };
}

/** Up to a power of two, the last one repeated: a server then has few different statements to prepare. An empty list is a NULL, which nothing equals. */
function padded(list: readonly string[]): SqlValue[] {
  const length = 2 ** Math.ceil(Math.log2(Math.max(list.length, 1)));
  return Array.from({ length }, (_, index) => list[index] ?? list.at(-1) ?? null);
}
