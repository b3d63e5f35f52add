import type { Change, ChangeLog, ChangePage } from "../../pricing/connector.js";
import { allChanged, withoutDoubles } from "../change-pages.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { formatRowCursor, isAfter, parseRowCursor, type RowCursor, startingAt } from "../row-cursor.js";
import { type ChangedModel, changedModels, readListScopes } from "./changed-models.js";
import { readRows, readSingle } from "./read-rows.js";
import type { Ground } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";
import { parseStamp, toStamp } from "./tryton-values.js";

/**
 * How long a second is left to close before its changes are told. Tryton stamps a row when its transaction begins, so
 * that a row of the same second, or of a transaction still open, may appear later: told too early it would be passed by.
 */
const settleMs = 2000;

/** Most rows read of one model at once; with more, an import is going on, and all is said to have changed. */
const mostRows = 5000;

/** With instants in microseconds. */
const cursorName = "tryton-1";

interface ChangedRow {
  readonly at: RowCursor;
  readonly model: ChangedModel;
  readonly row: Row;
}

/** What was written since, by `write_date`. Tryton keeps no trace of what was deleted, save on the record it was part of. */
export function createTrytonChanges(
  session: TrytonSession,
  readGround: (signal: AbortSignal) => Promise<Ground>,
): ChangeLog {
  return {
    async readChanges(since, limit, signal) {
      const ground = await readGround(signal);
      const end = startingAt((Math.floor((await session.readTime(signal)) / 1000) * 1000 - settleMs) * 1000);
      if (since === null) return page([], end, false);
      const start = parseRowCursor(cursorName, "Tryton", since);
      if (!isAfter(end, start)) return page([], start, false);
      const rows = await readChanged(session, ground, start, end, signal);
      if (rows === "too many") return page(allChanged, end, false);
      const told = rows.slice(0, limit);
      const last = told.at(-1);
      const next = rows.length > limit && last !== undefined ? last.at : end;
      return page(await toChanges(session, ground, told, signal), next, rows.length > limit);
    },
  };
}

function page(changes: readonly Change[], next: RowCursor, more: boolean): ChangePage {
  return { changes, next: formatRowCursor(cursorName, next), more };
}

/** Rows after `start` and before `end`, oldest first. */
async function readChanged(
  session: TrytonSession,
  ground: Ground,
  start: RowCursor,
  end: RowCursor,
  signal: AbortSignal,
): Promise<ChangedRow[] | "too many"> {
  const found: ChangedRow[] = [];
  for (const [number, model] of changedModels(ground).entries()) {
    const rows = await readWritten(session, ground, model, start.at, signal);
    if (rows.length > mostRows) return "too many";
    for (const row of rows) {
      const id = parseWholeNumber(row["id"], `the id of a ${model.name}`);
      found.push({ at: { at: stampOf(row, model), model: number, id }, model, row });
    }
  }
  const between = found.filter(({ at }) => isAfter(at, start) && isAfter(end, at));
  return between.sort((a, b) => (isAfter(a.at, b.at) ? 1 : -1));
}

function readWritten(
  session: TrytonSession,
  { context: own }: Ground,
  model: ChangedModel,
  since: number,
  signal: AbortSignal,
): Promise<Row[]> {
  const { name, stamps } = model;
  const context = { ...own, active_test: false };
  const fields = [...model.fields, ...stamps.flatMap((on) => [`${on}write_date`, `${on}create_date`])];
  if (model.single) return readSingle(session, name, fields, context, signal).then((row) => [row]);
  const domain = ["OR", ...stamps.flatMap((on) => writtenSince(on, since))];
  return readRows(session, { model: name, domain, fields, context, limit: mostRows + 1 }, signal);
}

/** @param on "" for the record itself, or such as "template." for one it belongs to */
function writtenSince(on: string, at: number): unknown[] {
  const instant = toStamp(at);
  return [
    [[`${on}write_date`, ">=", instant]],
    [
      [`${on}write_date`, "=", null],
      [`${on}create_date`, ">=", instant],
    ],
  ];
}

/** The newest of the stamps: null until a record's first change, when it counts as written at its making. */
function stampOf(row: Row, model: ChangedModel): number {
  const stamps = model.stamps.map((on) => {
    const record = on === "" ? row : ((row[on] ?? {}) as Row);
    const stamp = record["write_date"] ?? record["create_date"];
    return stamp === null || stamp === undefined ? 0 : parseStamp(stamp, `the date of a ${model.name}`);
  });
  return Math.max(...stamps);
}

async function toChanges(
  session: TrytonSession,
  ground: Ground,
  rows: readonly ChangedRow[],
  signal: AbortSignal,
): Promise<Change[]> {
  const scopes = rows.some(({ model }) => model.needsScopes) ? await readListScopes(session, ground, signal) : () => [];
  const changes = rows.flatMap(({ model, row }) => model.toChanges(row, scopes));
  return withoutDoubles(changes);
}
