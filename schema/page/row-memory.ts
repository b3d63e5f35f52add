import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { Generations } from "./generations.js";

/** Characters that one generation of rows may have, about a byte each: some 20,000 products of a usual page. */
const charsPerGeneration = 8 * 1024 * 1024;

/** A product as a page shows it, but for the ages of its answers. */
export interface Row {
  /** The page's plan: no two pages write alike. */
  readonly plan: object;
  /** All that the text hangs on, but the plan and the answers. */
  readonly terms: string;
  /** What it was written of, one for each column. */
  readonly told: readonly Told<Ladder | Stock>[];
  /** Before, between and after the ages. */
  readonly texts: readonly string[];
  /** When the ERP was asked for the answers whose ages are told, in ms since the epoch, one for each gap. */
  readonly askedAt: readonly number[];
  /** Until when it may be told again, in ms since the epoch. */
  readonly freshUntil: number;
}

/** Remembers rows no longer than the first of the answers they were written of is kept, and within a bound on all of them together. */
export class RowMemory {
  readonly #rows = new Generations<Row>(charsPerGeneration, ({ texts }) =>
    texts.reduce((sum, { length }) => sum + length, 0),
  );

  /** The row of these very answers; null where it is not remembered. @param answers one list for each column */
  find(plan: object, terms: string, answers: readonly (readonly Told<Ladder | Stock>[])[], index: number): Row | null {
    const first = (answers[0] as readonly Told<Ladder | Stock>[])[index] as object;
    return this.#rows.find(first, (row) => {
      if (row.plan !== plan || row.terms !== terms) return false;
      for (let column = 1; column < answers.length; column++) {
        if (row.told[column] !== (answers[column] as readonly unknown[])[index]) return false;
      }
      return true;
    });
  }

  remember(row: Row): void {
    this.#rows.add(row.told[0] as object, row);
  }
}
