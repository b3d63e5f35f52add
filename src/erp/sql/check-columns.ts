import { type ColumnKind, echoes, type QueryName, queryShapes } from "./query-shapes.js";
import type { SqlColumn } from "./sql-engine.js";
import { QueryWrong } from "./sql-errors.js";
import type { Dialect, Statement } from "./statement.js";

const exactly: Record<Dialect, (name: string) => string> = {
  postgresql: (name) => `CAST(${name} AS NUMERIC(15, 4))`,
  mysql: (name) => `CAST(${name} AS DECIMAL(15, 4))`,
  // Its driver makes a float of every decimal, so that only a text comes through whole.
  sqlserver: (name) => `CONVERT(VARCHAR(40), CAST(${name} AS DECIMAL(15, 4)))`,
};

/**
 * Whether what a query returns is what it is to return: judged by the columns alone, so that an answer of no rows shows it.
 * @throws {QueryWrong} that names every wrong column, each with its mend
 */
export function checkColumns(statement: Statement, columns: readonly SqlColumn[], dialect: Dialect): void {
  const shape = queryShapes[statement.name as QueryName];
  const kinds: Readonly<Record<string, ColumnKind>> = { ...shape.mustReturn, ...shape.mayReturn };
  const names = new Set(columns.map(({ name }) => name));
  const needed = [...Object.keys(shape.mustReturn), ...echoesOf(statement)];
  const mistakes = [
    ...needed.filter((name) => !names.has(name)).map((name) => `the column ${name} is missing`),
    ...(shape.oneOf?.every((name) => !names.has(name)) ? [`one of ${shape.oneOf.join(" and ")} is missing`] : []),
    ...columns.flatMap((column) => {
      const kind = kinds[column.name];
      if (kind === undefined)
        return [`the column ${column.name} means nothing here: leave it out, or see how it is spelt`];
      if (column.isInexact && kind === "decimal")
        return [
          `the column ${column.name} comes as a float, which is not exact: write ${exactly[dialect](column.name)} AS ${column.name}`,
        ];
      return [];
    }),
    ...(names.size < columns.length ? ["two columns have one name"] : []),
  ];
  if (mistakes.length > 0) throw new QueryWrong(statement, `returns the wrong columns: ${mistakes.join("; ")}`);
}

function echoesOf({ placeholders, name }: Statement): string[] {
  if (name !== "prices") return [];
  return [...placeholders].flatMap((placeholder) => echoes[placeholder] ?? []);
}
