/** One record, as a list of Service Layer tells it. */
export type B1Record = Readonly<Record<string, unknown>>;

type Condition = (row: B1Record) => boolean;

const token = /\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)/gy;

/**
 * Filters as SAP's "Working with SAP Business One Service Layer", 3.7, says that they are: comparisons, `startswith`, `and`, `or`, `not`, parentheses.
 * @param ignoresCase as SQL Server does, and HANA does not
 */
export function parseFilter(text: string, ignoresCase: boolean): Condition {
  token.lastIndex = 0;
  const tokens: string[] = [];
  while (token.lastIndex < text.trimEnd().length) {
    const match = token.exec(text);
    if (match?.[1] === undefined) throw new Error(`a filter that Service Layer would not take: ${text}`);
    tokens.push(match[1]);
  }
  let at = 0;
  const next = () => tokens[at++] ?? "";
  const expect = (wanted: string) => {
    if (next() !== wanted) throw new Error(`${wanted} is missing in ${text}`);
  };
  const folded = (value: unknown) => (ignoresCase ? String(value).toUpperCase() : String(value));

  function either(): Condition {
    const parts = [both()];
    while (tokens[at] === "or") {
      at += 1;
      parts.push(both());
    }
    return (row) => parts.some((part) => part(row));
  }
  function both(): Condition {
    const parts = [one()];
    while (tokens[at] === "and") {
      at += 1;
      parts.push(one());
    }
    return (row) => parts.every((part) => part(row));
  }
  function one(): Condition {
    const first = next();
    if (first === "not") {
      const inner = one();
      return (row) => !inner(row);
    }
    if (first === "(") {
      const inner = either();
      expect(")");
      return inner;
    }
    if (first === "startswith") {
      expect("(");
      const field = next();
      expect(",");
      const value = literal(next());
      expect(")");
      return (row) => folded(fieldOf(row, field)).startsWith(folded(value));
    }
    const operator = next();
    const value = literal(next());
    return (row) => holds(fieldOf(row, first), operator, value, folded);
  }
  const condition = either();
  if (at < tokens.length) throw new Error(`more than a filter: ${text}`);
  return condition;
}

function literal(text: string): string | number {
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : Number(text);
}

function fieldOf(row: B1Record, field: string): unknown {
  if (!(field in row)) throw new Error(`Property '${field}' is invalid`);
  return row[field];
}

function holds(own: unknown, operator: string, value: string | number, folded: (value: unknown) => string): boolean {
  const [a, b] = typeof value === "number" ? [Number(own), value] : [folded(own), folded(value)];
  switch (operator) {
    case "eq":
      return a === b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    default:
      throw new Error(`the operator ${operator} is not known`);
  }
}

/** The rows that a query asks for, all of its pages; `$skip` goes before `$top`. */
export function answerQuery(records: readonly B1Record[], query: URLSearchParams, ignoresCase: boolean): B1Record[] {
  const filter = query.get("$filter");
  const rows = filter === null ? [...records] : records.filter(parseFilter(filter, ignoresCase));
  const order = query.get("$orderby");
  if (order !== null) rows.sort((a, b) => (String(a[order]) < String(b[order]) ? -1 : 1));
  const names = query.get("$select")?.split(",");
  const skipped = rows.slice(Number(query.get("$skip") ?? 0));
  return skipped
    .slice(0, Number(query.get("$top") ?? rows.length))
    .map((row) =>
      names === undefined ? row : Object.fromEntries(names.map((name) => [name, fieldOf(row, name)] as const)),
    );
}
