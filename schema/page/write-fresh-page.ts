import type { FreshReader } from "../../loaders/fresh-reader.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { ageInSeconds } from "../freshness.type.js";
import { ageGap } from "./answer-writer.js";
import { type Asker, type Column, createColumns, decidingColumn, readSkus, type Variables } from "./page-columns.js";
import type { PagePlan } from "./page-plan.js";
import type { Row, RowMemory } from "./row-memory.js";
import { inPage } from "./write-page.js";
import { freshUntilOf, writeProduct } from "./write-product.js";

/** One for each SKU. */
type Answers = readonly Told<Ladder | Stock>[];

/**
 * Writes a page that memory alone can answer, at once. What was written of the same answers before is remembered, but for their ages.
 * @returns the JSON text of `data`; null where something is not fresh
 * @throws {NotPlain} for bad arguments
 */
export function writeFreshPage(
  plan: PagePlan,
  variables: Variables,
  asker: Asker,
  { reader, rows }: { readonly reader: FreshReader; readonly rows: RowMemory },
): string | null {
  const skus = readSkus(plan, variables, asker.rules.maxSkus);
  const columns = createColumns(plan, variables, asker);
  const answers: Answers[] = [];
  for (const column of columns) {
    const told = readFresh(column, skus, asker, reader);
    if (told === null) return null;
    answers.push(told);
  }
  const deciding = decidingColumn(columns, asker);
  const terms = columns.reduce((all, { terms, question }) => `${all}\n${terms} ${question.maxAgeMs}`, `${deciding}`);
  const now = asker.now();
  let freshUntil = Number.POSITIVE_INFINITY;
  const products = skus.map((sku, index) => {
    let row = rows.find(plan, terms, answers, index);
    if (row === null) {
      const told = answers.map((column) => column[index] as Told<Ladder | Stock>);
      row = writeRow({ sku, fields: plan.fields, columns, deciding, told }, plan, terms);
      rows.remember(row);
    }
    if (row.freshUntil < freshUntil) freshUntil = row.freshUntil;
    return withAges(row, now);
  });
  asker.noteAnswer(freshUntil);
  return inPage(plan, products);
}

function readFresh(column: Column, skus: readonly string[], { caller }: Asker, reader: FreshReader): Answers | null {
  return column.kind === "price"
    ? reader.prices(column.question, skus, caller)
    : reader.stock(column.question, skus, caller);
}

function writeRow(line: Parameters<typeof writeProduct>[0], plan: PagePlan, terms: string): Row {
  // Texts and the instants that stand in their gaps, in turn.
  const parts = writeProduct(line, null).split(ageGap);
  return {
    ...{ plan, terms, told: line.told, freshUntil: freshUntilOf(line) },
    texts: parts.filter((_, index) => index % 2 === 0),
    askedAt: parts.filter((_, index) => index % 2 === 1).map(Number),
  };
}

function withAges({ texts, askedAt }: Row, now: number): string {
  let text = texts[0] as string;
  for (const [index, at] of askedAt.entries()) text += `${ageInSeconds(at, now)}${texts[index + 1] as string}`;
  return text;
}
