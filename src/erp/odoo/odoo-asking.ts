import { ErpBadAnswer } from "../../errors.js";
import { orError } from "../or-error.js";
import { parseList, parseWholeNumber, type Row, shown } from "../parse.js";
import { isMissingRight, OdooMisset, OdooRefused } from "./odoo-errors.js";
import type { Ground } from "./odoo-ground.js";
import type { OdooSession } from "./odoo-session.js";
import { parseNumber } from "./odoo-values.js";

/** Products to be priced at one quantity, a plain number as Odoo takes it. */
export interface PriceQuestion {
  readonly quantity: number;
  readonly ids: readonly number[];
}

/** The float that Odoo computed, as it sent it: it is rounded by what is made of it. */
export type PriceOrError = number | ErpBadAnswer;

/** @returns for each question the prices by product id; what Odoo left out is not in it */
export type AskPrices = (
  ground: Ground,
  list: number | null,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
) => Promise<ReadonlyMap<number, PriceOrError>[]>;

/** Keys in one call of the action: 100 products cost Odoo twice what one does. */
const keysWithAction = 100;

/** Where each product is a call, few, so that the calls of a page can go to Odoo side by side. */
const keysWithoutAction = 12;

export function keysPerPriceCall(action: number | null): number {
  return action === null ? keysWithoutAction : keysWithAction;
}

/** @param action the id of the server action that holds deploy/odoo/price_action.py; null where none was installed */
export function createAskPrices(session: OdooSession, action: number | null): AskPrices {
  if (action === null) return (...asked) => askOneByOne(session, ...asked);
  return (...asked) => askByAction(session, action, ...asked);
}

async function askByAction(
  session: OdooSession,
  action: number,
  ground: Ground,
  list: number | null,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
) {
  const asks = questions.map(({ quantity, ids }) => [quantity, ids]);
  const context = { ...ground.context, pricelane: { pricelist: list ?? false, asks } };
  const answer = parseAction(await runAction(session, action, context, signal));
  const found = questions.map(() => new Map<number, PriceOrError>());
  for (const [id, index, price] of parseTriples(answer["prices"])) {
    found[index]?.set(id, toPrice(price));
  }
  for (const [id, index, why] of parseTriples(answer["errors"])) {
    found[index]?.set(id, new ErpBadAnswer(`Odoo cannot price it: ${shown(why)}`));
  }
  return found;
}

/** Of the action itself: what a product's price meets inside it comes as that product's error. */
async function runAction(session: OdooSession, action: number, context: Row, signal: AbortSignal): Promise<unknown> {
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

function parseAction(answer: unknown): Row {
  const isOurs = typeof answer === "object" && answer !== null && (answer as Row)["pricelane"] === 1;
  if (isOurs) return answer as Row;
  const mend = "it should be the id of a server action with the code of deploy/odoo/price_action.py";
  throw new OdooMisset(`what ODOO_PRICE_ACTION names answers something else: ${mend}`);
}

function parseTriples(value: unknown): [number, number, unknown][] {
  return parseList(value, "the action's prices").map((entry) => {
    const [id, index, said] = parseList(entry, "a price of the action");
    return [parseWholeNumber(id, "the product of a price"), parseWholeNumber(index, "the ask of a price"), said];
  });
}

/** One after another, since this call has one slot among those that Odoo bears. */
async function askOneByOne(
  session: OdooSession,
  ground: Ground,
  list: number | null,
  questions: readonly PriceQuestion[],
  signal: AbortSignal,
) {
  const found: Map<number, PriceOrError>[] = [];
  for (const { quantity, ids } of questions) {
    const prices = new Map<number, PriceOrError>();
    const context = { ...ground.context, pricelist: list ?? false, quantity };
    for (const id of ids) prices.set(id, await askOne(session, id, context, signal));
    found.push(prices);
  }
  return found;
}

async function askOne(session: OdooSession, id: number, context: Row, signal: AbortSignal): Promise<PriceOrError> {
  const call = { model: "product.product", method: "get_contextual_price", ids: [id], context };
  try {
    return toPrice(await session.call(call, signal));
  } catch (error) {
    if (error instanceof OdooRefused) return error;
    throw error;
  }
}

function toPrice(value: unknown): PriceOrError {
  return orError(() => parseNumber(value, "its price"));
}
