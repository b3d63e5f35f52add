import { BadUserInput } from "../../errors.js";

/** A place in the order of changes: by instant, and within one instant by model and id, so that no two are the same. */
export interface ChangeCursor {
  /** In ms since the epoch, whole seconds: Odoo tells no more. */
  readonly at: number;
  /** The model's place in the list of those that are followed. */
  readonly model: number;
  readonly id: number;
}

/** Before every row of this instant. Odoo's ids begin at 1. */
export function startingAt(at: number): ChangeCursor {
  return { at, model: 0, id: 0 };
}

export function isAfter(a: ChangeCursor, b: ChangeCursor): boolean {
  if (a.at !== b.at) return a.at > b.at;
  return a.model !== b.model ? a.model > b.model : a.id > b.id;
}

export function formatCursor({ at, model, id }: ChangeCursor): string {
  return `odoo-1.${at / 1000}.${model}.${id}`;
}

/** @throws {BadUserInput} where it is none of ours */
export function parseCursor(text: string): ChangeCursor {
  const match = /^odoo-1\.(\d{1,12})\.(\d{1,3})\.(\d{1,15})$/.exec(text);
  if (match === null) {
    throw new BadUserInput(`${JSON.stringify(text.slice(0, 80))} is no cursor of Odoo's changes: begin anew`);
  }
  const [at, model, id] = match.slice(1).map(Number) as [number, number, number];
  return { at: at * 1000, model, id };
}
