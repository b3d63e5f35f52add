import { ErpBadAnswer } from "../../errors.js";
import { type ErpCall, type Failed, failed, fromErp, type Unknown } from "../../pricing/source.js";
import { groupBy } from "../group-by.js";
import { orError } from "../or-error.js";
import { parseWholeNumber, type Row } from "../parse.js";
import { createGuess } from "./odoo-exchange-guess.js";
import type { Ground } from "./odoo-ground.js";
import type { Lists } from "./odoo-list-heads.js";
import type { TaxExchange } from "./odoo-positions.js";
import type { PriceAction } from "./odoo-price-action.js";
import type { OdooSession } from "./odoo-session.js";
import { optionalValue, parseReference } from "./odoo-values.js";
import { searchRead } from "./search-read.js";

/** What an order takes from its customer before it prices a line. */
export interface Buyer {
  /** Null for the products' own prices. */
  readonly list: number | null;
  readonly exchange: TaxExchange;
  /** See {@link toPriceScope}. */
  readonly priceScope: string;
}

export type PartnerFound = { readonly kind: "partner"; readonly row: Row } | Unknown | Failed;

export type BuyerFound = { readonly kind: "buyer"; readonly buyer: Buyer; readonly row: Row } | Unknown | Failed;

const noExchange: TaxExchange = { kind: "none" };

/**
 * Customers by their references, one answer a code. Archived ones Odoo leaves out by itself.
 * @param action null where none was installed
 * @param fields besides those of {@link Buyer}
 */
export async function readBuyers(
  { session, action }: { readonly session: OdooSession; readonly action: PriceAction | null },
  ground: Ground,
  codes: readonly string[],
  fields: readonly string[],
  call: ErpCall,
): Promise<Map<string, BuyerFound>> {
  const partners = await readPartners(session, ground, codes, [...buyerFields(ground), ...fields], call);
  const rows = [...partners.values()].flatMap((found) => (found.kind === "partner" ? [found.row] : []));
  const positions = await readPositions(action, ground, rows, call.signal);
  const exchangeOf =
    positions === null
      ? await createGuess(session, ground, rows, call.signal)
      : (row: Row) => exchangeIn(positions, row);
  const toFound = (found: PartnerFound): BuyerFound => {
    if (found.kind !== "partner") return found;
    const buyer = orError(() => toBuyer(found.row, exchangeOf));
    return buyer instanceof ErpBadAnswer ? failed(buyer) : { kind: "buyer", buyer, row: found.row };
  };
  return new Map([...partners].map(([code, found]) => [code, toFound(found)]));
}

async function readPartners(
  session: OdooSession,
  ground: Ground,
  codes: readonly string[],
  fields: readonly string[],
  call: ErpCall,
): Promise<Map<string, PartnerFound>> {
  const domain = [["ref", "in", [...new Set(codes)]]];
  const wanted = { model: "res.partner", domain, fields: ["ref", ...fields], context: ground.context };
  const rowsByCode = groupBy(await searchRead(session, wanted, call.signal), (row) => String(row["ref"]));
  return new Map(codes.map((code) => [code, toPartner(code, rowsByCode.get(code) ?? [], call)]));
}

function toPartner(code: string, rows: readonly Row[], call: ErpCall): PartnerFound {
  const [row] = rows;
  if (row === undefined) return { kind: "unknown", what: "customer", freshness: fromErp(call) };
  if (rows.length === 1) return { kind: "partner", row };
  const ids = rows.map(({ id }) => String(id)).join(", ");
  const said = `Odoo has ${rows.length} contacts of reference ${JSON.stringify(code)} (ids ${ids})`;
  return failed(new ErpBadAnswer(`${said}: leave it to one of them`));
}

function buyerFields({ partnerFields }: Ground): string[] {
  const mayLack = ["property_product_pricelist", "property_account_position_id", "vat"];
  return ["country_id", "commercial_partner_id", ...mayLack.filter((name) => partnerFields.has(name))];
}

export function toPublicBuyer({ publicList }: Lists): Buyer {
  return toOne(publicList, noExchange);
}

type Positions = ReadonlyMap<number, number | null | ErpBadAnswer>;

/** By contact id, as Odoo itself would find them for an order; null where it cannot be asked. */
async function readPositions(
  action: PriceAction | null,
  ground: Ground,
  rows: readonly Row[],
  signal: AbortSignal,
): Promise<Positions | null> {
  if (action === null || !ground.positions.any || rows.length === 0 || !action.mayTellPositions()) return null;
  const partners = rows.map(({ id }) => parseWholeNumber(id, "a contact's id"));
  const answer = await action.run(ground, { pricelist: false, asks: [], partners }, signal);
  return answer.version < 2 ? null : answer.positions;
}

function toBuyer(row: Row, exchangeOf: (row: Row) => TaxExchange): Buyer {
  const list = optionalValue(row["property_product_pricelist"], "a contact's price list", parseReference);
  return toOne(list?.id ?? null, exchangeOf(row));
}

function exchangeIn(positions: Positions, { id }: Row): TaxExchange {
  const position = positions.get(id as number);
  if (position === undefined) throw new ErpBadAnswer(`Odoo left out the fiscal position of contact ${String(id)}`);
  if (position instanceof ErpBadAnswer) throw position;
  return position === null ? noExchange : { kind: "position", id: position };
}

function toOne(list: number | null, exchange: TaxExchange): Buyer {
  return { list, exchange, priceScope: toPriceScope(list, exchange) };
}

/** Of the customer, Odoo hands nothing but the list and the fiscal position to a line of an order. */
export function toPriceScope(list: number | null, exchange: TaxExchange): string {
  const ofList = list === null ? "no-list" : `list-${list}`;
  if (exchange.kind === "none") return ofList;
  return `${ofList}/${exchange.kind === "position" ? `position-${exchange.id}` : "other-taxes"}`;
}

/** All price scopes of a list. */
export function priceScopesOf(list: number, positions: readonly number[]): string[] {
  const exchanges: TaxExchange[] = [noExchange, { kind: "untold" }];
  for (const id of positions) exchanges.push({ kind: "position", id });
  return exchanges.map((exchange) => toPriceScope(list, exchange));
}
