import type { Change } from "../pricing/connector.js";

/** Where more changed than is worth telling one by one. */
export const allChanged: readonly Change[] = [{ kind: "price" }, { kind: "stock" }, { kind: "customer" }];

/** Ten moves of one product are one change of its stock. */
export function withoutDoubles(changes: readonly Change[]): Change[] {
  return [...new Map(changes.map((change) => [JSON.stringify(change), change])).values()];
}

/** A row of one of several lists, by the stamp of its last change: texts that compare as instants do. */
export interface StampedRow {
  readonly at: string;
  /** Its list's place among those that are followed. */
  readonly place: number;
  readonly changes: readonly Change[];
}

/**
 * The oldest of these rows, as many as a page holds.
 * @param start how far each list was told before
 * @param limit changes that the page should hold
 * @returns `stamps`, how far each list is told now
 */
export function toStampedPage(start: readonly string[], rows: readonly StampedRow[], limit: number) {
  const told: StampedRow[] = [];
  let size = 0;
  for (const row of [...rows].sort(byAge)) {
    size += row.changes.length;
    // What is of one instant stays together: a stamp tells no more.
    if (size > limit && told.length > 0 && row.at !== told.at(-1)?.at) break;
    told.push(row);
  }
  return {
    changes: withoutDoubles(told.flatMap(({ changes }) => changes)),
    stamps: start.map((at, place) => told.findLast((row) => row.place === place)?.at ?? at),
    more: told.length < rows.length,
  };
}

function byAge(a: StampedRow, b: StampedRow): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}
