import type { Clock } from "../../clock.js";
import { ErpBadAnswer } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import { orError } from "../or-error.js";
import { parseList, parseWholeNumber, type Row, shown } from "../parse.js";
import { isMissingRight, OdooMisset, OdooRefused } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseIds } from "./odoo-values.js";

/** The server action that holds deploy/odoo/price_action.py. */
export interface PriceAction {
  /**
   * @param asked as that file says, without the version
   * @throws {OdooMisset} where what is installed is no such action, or the user may not run it
   */
  run(ground: Ground, asked: Row, signal: AbortSignal): Promise<ActionAnswer>;
  /** False for {@link oldForMs} after it was seen to be of a release that tells no fiscal positions, so that none is asked in vain. */
  mayTellPositions(): boolean;
}

export interface ActionAnswer {
  readonly version: number;
  /** Product, index of the ask, and its price as it was sent. */
  readonly prices: readonly (readonly [number, number, unknown])[];
  /** Product, index of the ask, and why it has no price. */
  readonly errors: readonly (readonly [number, number, string])[];
  /** By product id; of what was asked with a position. */
  readonly taxes: ReadonlyMap<number, readonly number[]>;
  /** By contact id: the position's id, null for none, or why it is not known. */
  readonly positions: ReadonlyMap<number, number | null | ErpBadAnswer>;
}

/** Of the file as it is shipped. Version 1 tells prices alone. */
const shippedVersion = 2;

const oldForMs = 300_000;

export function createPriceAction(
  session: OdooSession,
  action: number,
  { log, clock }: { readonly log: Pick<Logger, "info" | "warn">; readonly clock: Clock },
): PriceAction {
  let known: number | null = null;
  let askAgainAt = 0;

  function note(version: number): void {
    askAgainAt = version < shippedVersion ? clock.now() + oldForMs : 0;
    if (version === known) return;
    if (version < shippedVersion) {
      log.warn(
        { action, version, shipped: shippedVersion },
        "the price action is an older one, which tells no fiscal positions: put the text of deploy/odoo/price_action.py in its place",
      );
    } else if (known !== null) log.info({ action, version }, "the price action tells fiscal positions now");
    known = version;
  }

  return {
    async run(ground, asked, signal) {
      const context = { ...ground.context, pricelane: { version: shippedVersion, ...asked } };
      const answer = parseAnswer(await send(session, action, context, signal));
      note(answer.version);
      return answer;
    },
    mayTellPositions: () => clock.now() >= askAgainAt,
  };
}

/** Of the action itself: what a product's price meets inside it comes as that product's error. */
async function send(session: OdooSession, action: number, context: Row, signal: AbortSignal): Promise<unknown> {
  try {
    return await session.call({ model: "ir.actions.server", method: "run", ids: [action], context }, signal);
  } catch (error) {
    const said = `ODOO_PRICE_ACTION is ${action}`;
    if (error instanceof OdooRefused && error.exception === "odoo.exceptions.MissingError") {
      throw new OdooMisset(
        `${said}, and Odoo has no server action of that id: after a move to another database it is another`,
      );
    }
    if (!isMissingRight(error)) throw error;
    throw new OdooMisset(`${said}, which Odoo's user may not run: put its group in the action's Allowed Groups`);
  }
}

function parseAnswer(value: unknown): ActionAnswer {
  const row = (typeof value === "object" && value !== null ? value : {}) as Row;
  const version = row["pricelane"];
  if (version !== 1 && version !== shippedVersion) {
    const mend = "it should be the id of a server action with the code of deploy/odoo/price_action.py";
    throw new OdooMisset(`what ODOO_PRICE_ACTION names answers something else: ${mend}`);
  }
  return {
    version,
    prices: parseEntries(row["prices"], toTriple),
    errors: parseEntries(row["errors"], toTriple).map(([id, index, why]) => [id, index, shown(why)] as const),
    taxes: new Map(parseEntries(row["taxes"] ?? [], toTaxes)),
    positions: new Map(parseEntries(row["positions"] ?? [], toPosition)),
  };
}

function parseEntries<T>(value: unknown, parse: (entry: unknown[]) => T): T[] {
  return parseList(value, "what the action answers").map((entry) => parse(parseList(entry, "an entry of the action")));
}

function toTriple([id, index, said]: unknown[]): [number, number, unknown] {
  return [parseWholeNumber(id, "the product of a price"), parseWholeNumber(index, "the ask of a price"), said];
}

function toTaxes([id, taxes]: unknown[]): [number, number[]] {
  return [parseWholeNumber(id, "the product of taxes"), parseIds(taxes, "a product's taxes")];
}

function toPosition([id, position, why]: unknown[]): [number, number | null | ErpBadAnswer] {
  const contact = parseWholeNumber(id, "the contact of a fiscal position");
  if (why)
    return [contact, new ErpBadAnswer(`Odoo cannot tell the fiscal position of contact ${contact}: ${shown(why)}`)];
  return [contact, orError(() => optionalValue(position, "a fiscal position", parseWholeNumber))];
}
