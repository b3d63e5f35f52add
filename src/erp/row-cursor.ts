import { BadUserInput } from "../errors.js";

/** A place in the order of changes: by instant, and within one instant by model and id, so that no two are the same. */
export interface RowCursor {
  /** Since the epoch, in the finest unit that the ERP tells. */
  readonly at: number;
  /** The model's place in the list of those that are followed. */
  readonly model: number;
  readonly id: number;
}

/** Before every row of this instant: ids begin at 1. */
export function startingAt(at: number): RowCursor {
  return { at, model: 0, id: 0 };
}

export function isAfter(a: RowCursor, b: RowCursor): boolean {
  if (a.at !== b.at) return a.at > b.at;
  return a.model !== b.model ? a.model > b.model : a.id > b.id;
}

/** @param name that begins the text of a cursor, such as "odoo-1": the ERP, and how it counts its models and instants */
export function formatRowCursor(name: string, { at, model, id }: RowCursor): string {
  return `${name}.${at}.${model}.${id}`;
}

/** @param erp as people name it @throws {BadUserInput} where it is none of ours */
export function parseRowCursor(name: string, erp: string, text: string): RowCursor {
  const match = /^([a-z]+-\d+)\.(\d{1,16})\.(\d{1,3})\.(\d{1,15})$/.exec(text);
  if (match?.[1] !== name) {
    throw new BadUserInput(`${JSON.stringify(text.slice(0, 80))} is no cursor of ${erp}'s changes: begin anew`);
  }
  const [at, model, id] = match.slice(2).map(Number) as [number, number, number];
  return { at, model, id };
}
