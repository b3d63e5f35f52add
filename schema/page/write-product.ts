import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { youngUntil } from "../note-answer.js";
import type { Column, Columns } from "./page-columns.js";
import type { PageField } from "./page-plan.js";

export interface ProductLine {
  readonly sku: string;
  readonly fields: readonly PageField[];
  readonly columns: Columns;
  /** One for each column. */
  readonly told: readonly Told<Ladder | Stock>[];
}

/** @param now in ms since the epoch; null leaves gaps for the ages. @throws {NotPlain} */
export function writeProduct({ sku, fields, columns, told }: ProductLine, now: number | null): string {
  const { list, deciding } = columns;
  if (told[deciding]?.kind === "unknown") return "null";
  let text = "";
  let column = 0;
  for (const field of fields) {
    text += field.text;
    if (field.kind === "text") continue;
    if (field.kind === "sku") text += JSON.stringify(sku);
    else {
      const { write } = list[column] as Column;
      text += write(told[column++] as Told<Ladder | Stock>, now);
    }
  }
  return `${text}}`;
}

/** Until when all that was written of a product is fresh and young enough, in ms since the epoch. */
export function freshUntilOf({ columns, told }: ProductLine): number {
  const { list, deciding } = columns;
  const until = list.map(({ question }, index) =>
    youngUntil((told[index] as Told<Ladder | Stock>).freshness, question.maxAgeMs),
  );
  return told[deciding]?.kind === "unknown" ? (until[deciding] as number) : Math.min(...until);
}
