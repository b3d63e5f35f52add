import type { Ladder } from "../../src/pricing/ladder.js";
import type { Outcome, Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import type { RequestContext } from "../context.js";
import { type Column, columnsOf, readSkus, type Variables } from "./page-columns.js";
import type { PagePlan } from "./page-plan.js";
import { NotPlain } from "./selection-writer.js";
import { freshUntilOf, writeProduct } from "./write-product.js";

type Outcomes = readonly Outcome<Ladder | Stock>[];

/**
 * Answers a page in one go: each kind of answer is read once for the whole list, and written without a field being resolved.
 * @returns the JSON text of `data`
 * @throws {NotPlain} where graphql-js has to answer: bad arguments, or an answer that is an error. What was read is kept
 * with the loaders, so that nothing is asked twice.
 */
export async function writePage(plan: PagePlan, variables: Variables, context: RequestContext): Promise<string> {
  const skus = readSkus(plan, variables, context.rules.maxSkus);
  const columns = columnsOf(plan, variables, context);
  const outcomes = await readOutcomes(columns.list, skus, context);
  const now = context.now();
  const products = skus.map((sku, index) => {
    const line = {
      sku,
      fields: plan.fields,
      columns,
      told: outcomes.map((column) => orNotPlain(column[index])),
    };
    context.noteAnswer(freshUntilOf(line));
    return writeProduct(line, now);
  });
  return inPage(plan, products);
}

/** The JSON text of `data`. */
export function inPage({ responseName, isList }: PagePlan, products: readonly string[]): string {
  const text = isList ? `[${products.join(",")}]` : (products[0] ?? "null");
  return `{${responseName}:${text}}`;
}

/** Reads prices and stock, each of them once for all columns. @returns the outcomes of each column */
async function readOutcomes(
  columns: readonly Column[],
  skus: readonly string[],
  { loaders }: RequestContext,
): Promise<Outcomes[]> {
  const prices = columns.filter((column) => column.kind === "price");
  const stocks = columns.filter((column) => column.kind === "stock");
  const [ladders, stock] = await Promise.all([
    loaders.readPrices(prices.flatMap(({ question }) => skus.map((sku) => ({ ...question, sku })))),
    loaders.readStock(stocks.flatMap(({ question }) => skus.map((sku) => ({ ...question, sku })))),
  ]);
  return columns.map((column): Outcomes => {
    const place = column.kind === "price" ? prices.indexOf(column) : stocks.indexOf(column);
    const start = place * skus.length;
    return (column.kind === "price" ? ladders : stock).slice(start, start + skus.length);
  });
}

/** Errors are told at their paths, by graphql-js. */
function orNotPlain(outcome: Outcome<Ladder | Stock> | undefined): Told<Ladder | Stock> {
  if (outcome === undefined || outcome.kind === "failed") throw new NotPlain("an error");
  return outcome;
}
