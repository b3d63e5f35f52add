import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { Generations } from "./generations.js";
import type { Columns } from "./page-columns.js";

/** Characters that one generation of rows may have, about a byte each: some 20,000 products of a usual page. */
const charsPerGeneration = 8 * 1024 * 1024;

/** A product as a page shows it, but for the ages of its answers. */
export interface Row {
  /** How it was written, of what: no two that are written otherwise are one object. */
  readonly columns: Columns;
  /** What it was written of, one for each column. */
  readonly told: readonly Told<Ladder | Stock>[];
  /** All of it, or what stands before the first age. */
  readonly text: string;
  /** The ages and what stands behind each. */
  readonly ages: readonly TextBehindAge[];
  /** Until when it may be told again, in ms since the epoch. */
  readonly freshUntil: number;
}

export interface TextBehindAge {
  /** When the ERP was asked, in ms since the epoch. */
  readonly askedAt: number;
  readonly text: string;
}

/** Remembers rows no longer than the first of the answers they were written of is kept, and within a bound on all of them together. */
export class RowMemory {
  readonly #rows = new Generations<Row>(charsPerGeneration, ({ text, ages }) =>
    ages.reduce((sum, behind) => sum + behind.text.length, text.length),
  );

  /** The row of these very answers; null where it is not remembered. @param answers one list for each column */
  find(columns: Columns, answers: readonly (readonly Told<Ladder | Stock>[])[], index: number): Row | null {
    const first = (answers[0] as readonly Told<Ladder | Stock>[])[index] as object;
    for (const row of this.#rows.listOf(first)) {
      if (row.columns === columns && isOf(row, answers, index)) return row;
    }
    return null;
  }

  remember(row: Row): void {
    this.#rows.add(row.told[0] as object, row);
  }
}

function isOf({ told }: Row, answers: readonly (readonly unknown[])[], index: number): boolean {
  for (let column = 1; column < answers.length; column++) {
    if (told[column] !== (answers[column] as readonly unknown[])[index]) return false;
  }
  return true;
}
