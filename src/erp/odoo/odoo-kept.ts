import { createKept, type ReadBounds } from "../shared-read.js";
import { type Ground, readGround } from "./odoo-ground.js";
import { type Lists, readLists } from "./odoo-list-heads.js";
import { readTaxTable } from "./odoo-product-taxes.js";
import type { OdooSession } from "./odoo-session.js";
import type { Tax } from "./odoo-taxes.js";
import { readWarehouses, type Warehouse } from "./odoo-warehouses.js";

type Kept<T> = (signal: AbortSignal) => Promise<T>;

/**
 * What stays as it is for months: read at the start, and again every {@link keepMs}. Each for itself, so that a right that is
 * missing for one kind of answer keeps nobody from the others.
 */
export interface OdooKept {
  readonly ground: Kept<Ground>;
  readonly lists: Kept<Lists>;
  readonly taxes: Kept<ReadonlyMap<number, Tax>>;
  readonly warehouses: Kept<readonly Warehouse[]>;
}

/** By name or id; null leaves it to Odoo. */
export interface Wanted {
  readonly company: string | null;
  readonly publicList: string | null;
}

const keepMs = 300_000;

export function createOdooKept(session: OdooSession, wanted: Wanted, bounds: ReadBounds): OdooKept {
  const ground = createKept((signal) => readGround(session, wanted.company, signal), keepMs, bounds);
  const on = <T>(read: (ground: Ground, signal: AbortSignal) => Promise<T>): Kept<T> =>
    createKept(async (signal) => read(await ground(signal), signal), keepMs, bounds);
  return {
    ground,
    lists: on(({ context }, signal) => readLists(session, context, wanted.publicList, signal)),
    taxes: on((known, signal) => readTaxTable(session, known, signal)),
    warehouses: on((known, signal) => readWarehouses(session, known, signal)),
  };
}
