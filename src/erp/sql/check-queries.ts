import type { SqlGround } from "./sql-ground.js";
import type { SqlValues, Statement } from "./statement.js";

/**
 * Runs each query once with nothing to look for, so that its mistakes show before the first customer meets them.
 * @returns what is wrong, each with its mend; where the database does not answer at all, that, for each query
 */
export async function checkQueries(ground: SqlGround, signal: AbortSignal): Promise<string[]> {
  const { prices, stock, customers, products, changes, newest_change: newest } = ground.queries;
  const checks: [Statement | undefined, SqlValues][] = [
    [prices, { skus: [], customer: null, price_scope: null, currency: null, quantity: "1" }],
    [stock, { skus: [] }],
    [customers, { customers: [] }],
    [products, { after: "", limit: 1 }],
  ];
  const mistakes: string[] = [];
  for (const [statement, values] of checks) {
    if (statement !== undefined) await note(mistakes, () => tryOut(ground, statement, values, signal));
  }
  if (changes !== undefined && newest !== undefined)
    await note(mistakes, async () => {
      const [row] = await tryOut(ground, newest, {}, signal);
      await tryOut(ground, changes, { since: String(row?.["change_id"] ?? "0"), limit: 1 }, signal);
    });
  return [...new Set(mistakes)];
}

function tryOut({ database, given }: SqlGround, statement: Statement, values: SqlValues, signal: AbortSignal) {
  return database.read((run) => run(statement, { ...given, ...values }), signal);
}

async function note(mistakes: string[], check: () => Promise<unknown>): Promise<void> {
  try {
    await check();
  } catch (error) {
    mistakes.push((error as Error).message);
  }
}
