import type { FreshReader } from "../../loaders/fresh-reader.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { ageInSeconds } from "../freshness.type.js";
import { ageGap } from "./answer-writer.js";
import { type Asker, type Column, columnsOf, readSkus, type Variables } from "./page-columns.js";
import type { PagePlan } from "./page-plan.js";
import type { Row, RowMemory, TextBehindAge } from "./row-memory.js";
import { inPage } from "./write-page.js";
import { freshUntilOf, type ProductLine, writeProduct } from "./write-product.js";

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
  const columns = columnsOf(plan, variables, asker);
  const answers: Answers[] = [];
  for (const column of columns.list) {
    const told = readFresh(column, skus, asker, reader);
    if (told === null) return null;
    answers.push(told);
  }
  const now = asker.now();
  let freshUntil = Number.POSITIVE_INFINITY;
  const products = skus.map((sku, index) => {
    let row = rows.find(columns, answers, index);
    if (row === null) {
      const told = answers.map((column) => column[index] as Told<Ladder | Stock>);
      row = writeRow({ sku, fields: plan.fields, columns, told });
      rows.remember(row);
    }
    if (row.freshUntil < freshUntil) freshUntil = row.freshUntil;
    return row.ages.length === 0 ? row.text : withAges(row, now);
  });
  asker.noteAnswer(freshUntil);
  noteServed(columns.list, answers, asker, reader);
  return inPage(plan, products);
}

function readFresh(column: Column, skus: readonly string[], { caller }: Asker, reader: FreshReader): Answers | null {
  return column.kind === "price"
    ? reader.prices(column.question, skus, caller)
    : reader.stock(column.question, skus, caller);
}

function noteServed(
  list: readonly Column[],
  answers: readonly Answers[],
  { caller }: Asker,
  reader: FreshReader,
): void {
  const answersOf = (kind: Column["kind"]) => answers.filter((_, index) => list[index]?.kind === kind);
  const isOwn = (column: Column) => column.kind === "price" && column.question.audience === "CALLER";
  const recordRead = caller.customer !== null && list.some(isOwn);
  reader.noteServed({ prices: answersOf("price"), stock: answersOf("stock"), recordRead }, caller);
}

function writeRow(line: ProductLine): Row {
  // A text, then the instant of an age and the text behind it, and so on.
  const [text = "", ...parts] = writeProduct(line, null).split(ageGap);
  const ages: TextBehindAge[] = [];
  for (let part = 0; part < parts.length; part += 2)
    ages.push({ askedAt: Number(parts[part]), text: parts[part + 1] as string });
  return { columns: line.columns, told: line.told, text, ages, freshUntil: freshUntilOf(line) };
}

function withAges({ text, ages }: Row, now: number): string {
  let whole = text;
  for (const { askedAt, text: behind } of ages) whole += `${ageInSeconds(askedAt, now)}${behind}`;
  return whole;
}
