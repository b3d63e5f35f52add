import { type QueryName, queryNames, queryShapes } from "./query-shapes.js";
import { type Dialect, parseStatement, type Statement } from "./statement.js";

/** The queries of the file, by their names. */
export type Queries = Readonly<Record<"prices" | "stock" | "customers", Statement>> &
  Readonly<Partial<Record<"products" | "changes" | "newest_change", Statement>>>;

interface Section {
  readonly name: string;
  readonly text: string;
  readonly firstLine: number;
}

/**
 * @param text of the file: a line `-- name: prices` before each query
 * @param given the placeholders that the settings give a value to, such as "warehouses"
 * @throws {Error} that names every mistake, each with its mend
 */
export function parseQueries(text: string, dialect: Dialect, given: ReadonlySet<string>): Queries {
  const mistakes: string[] = [];
  const statements = new Map<QueryName, Statement>();
  for (const { name, text: body, firstLine } of toSections(text)) {
    try {
      const known = queryNames.find((each) => each === name);
      if (known === undefined) throw new Error(`is none of ours: the names are ${queryNames.join(", ")}`);
      if (statements.has(known)) throw new Error("stands twice: leave one");
      const statement = parseStatement(name, body, firstLine, dialect);
      checkPlaceholders(statement, known, given);
      checkLists(statement, dialect);
      statements.set(known, statement);
    } catch (error) {
      mistakes.push(`the query ${name} (line ${firstLine}) ${(error as Error).message}`);
    }
  }
  mistakes.push(...missing(statements, mistakes.length === 0));
  if (mistakes.length > 0) throw new Error(mistakes.map((mistake) => `\n  - ${mistake}`).join(""));
  return Object.fromEntries(statements) as unknown as Queries;
}

function toSections(text: string): Section[] {
  const sections: { name: string; lines: string[]; firstLine: number }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const [, name] = /^\s*--\s*name\s*:\s*(\S+)\s*$/i.exec(line) ?? [];
    if (name !== undefined) sections.push({ name, lines: [], firstLine: index + 2 });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ name, lines, firstLine }) => ({ name, text: lines.join("\n"), firstLine }));
}

function checkPlaceholders({ placeholders }: Statement, name: QueryName, given: ReadonlySet<string>): void {
  const { mustName, mayName } = queryShapes[name];
  for (const each of mustName) {
    if (!placeholders.has(each))
      throw new Error(`should name :${each}, or it would answer something else than was asked`);
  }
  for (const each of placeholders) {
    if (![...mustName, ...mayName].includes(each)) {
      throw new Error(`names :${each}, which it is not given: it may name :${[...mustName, ...mayName].join(", :")}`);
    }
    const setting = settingOf[each];
    if (setting !== undefined && !given.has(each)) throw new Error(`names :${each}: set ${setting}`);
  }
}

const settingOf: Readonly<Partial<Record<string, string>>> = { company: "ERP_COMPANY", warehouses: "SQL_WAREHOUSES" };

// PostgreSQL is given a list as one array: one plan for all lengths. `IN` would take the array for a member.
function checkLists({ pieces }: Statement, dialect: Dialect): void {
  for (const [index, piece] of pieces.entries()) {
    if (typeof piece === "string" || !lists.has(piece.placeholder)) continue;
    const before = pieces[index - 1];
    const isIn = typeof before === "string" && /\bin\s*\(\s*$/i.test(before);
    if (dialect === "postgresql" && isIn)
      throw new Error(`says IN (:${piece.placeholder}): on PostgreSQL write = ANY(:${piece.placeholder})`);
    if (dialect !== "postgresql" && !isIn)
      throw new Error(
        `says :${piece.placeholder} elsewhere than in IN (:${piece.placeholder}), where a list can stand`,
      );
  }
}

const lists: ReadonlySet<string> = new Set(["skus", "customers", "warehouses"]);

function missing(statements: ReadonlyMap<QueryName, Statement>, isElseRight: boolean): string[] {
  if (!isElseRight) return []; // what has a mistake would be called missing as well
  const absent = queryNames.filter((name) => queryShapes[name].isNeeded && !statements.has(name));
  const mistakes = absent.map((name) => `the query ${name} is missing: write it below a line "-- name: ${name}"`);
  if (statements.has("changes") !== statements.has("newest_change"))
    mistakes.push("the queries changes and newest_change need each other: write both, or neither");
  return mistakes;
}
