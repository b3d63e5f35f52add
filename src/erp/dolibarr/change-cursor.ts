import { BadUserInput } from "../../errors.js";

/** How far one kind of row has been told. */
export interface Mark {
  /** Seconds since the epoch, as Dolibarr reckons: the newest second that was told. */
  readonly at: number;
  /** What was told of that second: more may be written in it yet. Empty where that was too much to list. */
  readonly ids: readonly number[];
}

export interface ChangeCursor {
  readonly products: Mark;
  readonly parties: Mark;
}

/**
 * Ids of one second that a cursor lists. An import writes more, and its second counts as over once it was told: fewer than
 * the rows of a first look, so that this one always sees past them.
 */
export const mostIds = 9;

/** Whether a row is of a time of which all was told. */
export function isOver({ at, ids }: Mark, row: { readonly at: number }): boolean {
  return row.at < at || (row.at === at && ids.length === 0);
}

export function isTold(mark: Mark, row: { readonly at: number; readonly id: number }): boolean {
  return isOver(mark, row) || (row.at === mark.at && mark.ids.includes(row.id));
}

/** @param rows what is told now, none of it older than the mark */
export function advance(mark: Mark, rows: readonly { readonly at: number; readonly id: number }[]): Mark {
  const at = Math.max(mark.at, ...rows.map((row) => row.at));
  const known = at === mark.at ? mark.ids : [];
  const ids = [...new Set([...known, ...rows.filter((row) => row.at === at).map(({ id }) => id)])];
  return { at, ids: ids.length > mostIds ? [] : ids };
}

export function formatCursor({ products, parties }: ChangeCursor): string {
  return ["dolibarr-1", formatMark(products), formatMark(parties)].join(".");
}

function formatMark({ at, ids }: Mark): string {
  return [at, ...ids].join("-");
}

/** @throws {BadUserInput} where it is none of ours */
export function parseCursor(text: string): ChangeCursor {
  const match = /^dolibarr-1\.(\d{1,15}(?:-\d{1,15}){0,9})\.(\d{1,15}(?:-\d{1,15}){0,9})$/.exec(text);
  if (match === null) {
    throw new BadUserInput(`${JSON.stringify(text.slice(0, 80))} is no cursor of Dolibarr's changes: begin anew`);
  }
  const [products, parties] = match.slice(1).map(parseMark) as [Mark, Mark];
  return { products, parties };
}

function parseMark(text: string): Mark {
  const [at = 0, ...ids] = text.split("-").map(Number);
  return { at, ids };
}
