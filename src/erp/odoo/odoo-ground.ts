import { optional, parseRow, parseWholeNumber, type Row } from "../parse.js";
import { readCompany } from "./odoo-company.js";
import { OdooForbids, OdooMisset, OdooRefused } from "./odoo-errors.js";
import { toStep, type Unit } from "./odoo-quantities.js";
import type { OdooSession } from "./odoo-session.js";
import { readTaxRows, type Tax, toTax } from "./odoo-taxes.js";
import { optionalValue, parseIds, parseNumber, parseReference, toName } from "./odoo-values.js";
import { readFields, searchRead } from "./search-read.js";

/** What stays as it is for months: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  readonly company: number;
  /** ISO 4217: of prices without a list. */
  readonly currency: string;
  readonly country: number | null;
  /** Decimals of a unit price on an order, as Odoo itself keeps it. */
  readonly priceDigits: number;
  readonly units: ReadonlyMap<number, Unit>;
  readonly lists: ReadonlyMap<number, ListHead>;
  /** The list that the public buys by; null for the products' own prices. */
  readonly publicList: number | null;
  readonly taxes: ReadonlyMap<number, Tax>;
  /** Whether Odoo exchanges taxes by itself, by where a customer is. */
  readonly hasAutomaticPositions: boolean;
  /** Null where this Odoo counts no stock. */
  readonly warehouses: readonly Warehouse[] | null;
  /** Fields that not every Odoo has, or not every user may read. */
  readonly productFields: ReadonlySet<string>;
  readonly partnerFields: ReadonlySet<string>;
  /** Sent with every call. */
  readonly context: Row;
}

export interface ListHead {
  readonly id: number;
  readonly name: string;
  /** As Odoo names it: an ISO 4217 code, unless somebody made one up. */
  readonly currency: string;
}

export interface Warehouse {
  readonly id: number;
  readonly code: string;
  /** The place that all its places lie in. */
  readonly root: number;
  readonly places: ReadonlySet<number>;
}

/** What is wanted of the ERP, by name or id; null leaves it to Odoo. */
export interface GroundWanted {
  readonly company: string | null;
  readonly publicList: string | null;
}

export const keepGroundMs = 300_000;

const productFields = ["taxes_id", "sale_delay", "is_kits", "use_expiration_date", "is_storable", "type", "free_qty"];
const partnerFields = [
  ...["property_product_pricelist", "property_payment_term_id", "property_account_position_id", "sale_warn"],
  ...["show_credit_limit", "credit_limit", "credit", "credit_to_invoice"],
];
/** Most decimals that the gateway tells. */
const mostDigits = 6;

/** @throws {ErpError} */
export async function readGround(session: OdooSession, wanted: GroundWanted, signal: AbortSignal): Promise<Ground> {
  await session.readVersion(signal);
  const company = await readCompany(session, wanted.company, signal);
  const { context } = company;
  const ofProduct = new Set(Object.keys(await readFields(session, "product.product", productFields, signal)));
  const ofPartner = new Set(Object.keys(await readFields(session, "res.partner", partnerFields, signal)));
  const lists = await readLists(session, context, signal);
  return {
    ...{ company: company.id, currency: company.currency, country: company.country, context },
    ...{ productFields: ofProduct, partnerFields: ofPartner },
    lists,
    publicList: findPublicList(lists, wanted.publicList),
    priceDigits: await readPriceDigits(session, signal),
    units: await readUnits(session, context, signal),
    taxes: await readTaxes(session, context, ofProduct, signal),
    hasAutomaticPositions: await readAutomaticPositions(session, context, ofPartner, signal),
    warehouses: ofProduct.has("free_qty") ? await readWarehouses(session, company.id, context, signal) : null,
  };
}

/** Heads by id, archived ones as well: a partner may still have one. */
export async function readLists(
  session: OdooSession,
  context: Row,
  signal: AbortSignal,
  id?: number,
): Promise<Map<number, ListHead>> {
  const domain = id === undefined ? [] : [["id", "=", id]];
  const model = "product.pricelist";
  const all = { ...context, active_test: false };
  const rows = await searchRead(session, { model, domain, fields: ["name", "currency_id"], context: all }, signal);
  const heads = rows.map((row) => ({
    id: parseWholeNumber(row["id"], "a price list's id"),
    name: toName(row["name"]),
    currency: parseReference(row["currency_id"], "a price list's currency").name,
  }));
  return new Map(heads.map((head) => [head.id, head]));
}

function findPublicList(lists: ReadonlyMap<number, ListHead>, wanted: string | null): number | null {
  if (wanted === null) return null;
  const found = [...lists.values()].filter(({ id, name }) => name === wanted || String(id) === wanted);
  const [only] = found;
  if (only !== undefined && found.length === 1) return only.id;
  const known = [...lists.values()].map(({ id, name }) => `${id} ${JSON.stringify(name)}`).join(", ");
  const said = `ODOO_PUBLIC_PRICELIST is ${JSON.stringify(wanted)}, and ${found.length} of Odoo's price lists are`;
  throw new OdooMisset(`${said}: name one by its id (${known.slice(0, 300) || "it shows none to this user"})`);
}

/**
 * An order's line keeps its price with as many decimals as its field says: those of Odoo's setting `Product Price`, or, since
 * early 2026, all of them, the setting being the fewest shown. Floats have their errors far behind the sixth.
 */
async function readPriceDigits(session: OdooSession, signal: AbortSignal): Promise<number> {
  const onLine = await readDigits(session, "sale.order.line", "price_unit", signal);
  const digits = onLine ?? (await readDigits(session, "product.product", "lst_price", signal));
  return Array.isArray(digits) ? Math.min(mostDigits, parseNumber(digits[1], "the decimals of a price")) : mostDigits;
}

/** Such as `[16, 2]`, or false for as many as there are; null where there is no such field. */
async function readDigits(session: OdooSession, model: string, field: string, signal: AbortSignal) {
  const fields = await readOrNull(() => readFields(session, model, [field], signal));
  const row = optional(fields?.[field], `the field ${field}`, parseRow);
  return row === null ? null : (row["digits"] ?? false);
}

async function readUnits(session: OdooSession, context: Row, signal: AbortSignal): Promise<Map<number, Unit>> {
  const all = { ...context, active_test: false };
  const wanted = { model: "uom.uom", domain: [], fields: ["name", "rounding"], context: all };
  return new Map(
    (await searchRead(session, wanted, signal)).map((row) => [
      parseWholeNumber(row["id"], "a unit's id"),
      {
        name: toName(row["name"]),
        step: toStep(parseNumber(row["rounding"], "a unit's rounding")),
      },
    ]),
  );
}

async function readTaxes(session: OdooSession, context: Row, fields: ReadonlySet<string>, signal: AbortSignal) {
  if (!fields.has("taxes_id")) return new Map<number, Tax>();
  const rows = await readTaxRows(session, context, [["type_tax_use", "=", "sale"]], signal);
  return new Map(rows.map(toTax).map((tax) => [tax.id, tax]));
}

async function readAutomaticPositions(
  session: OdooSession,
  context: Row,
  fields: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<boolean> {
  if (!fields.has("property_account_position_id")) return false;
  const wanted = { model: "account.fiscal.position", domain: [["auto_apply", "=", true]], fields: ["id"], context };
  const rows = await readOrNull(() => searchRead(session, { ...wanted, limit: 1 }, signal));
  return rows === null || rows.length > 0;
}

async function readWarehouses(
  session: OdooSession,
  company: number,
  context: Row,
  signal: AbortSignal,
): Promise<Warehouse[]> {
  const fields = ["code", "name", "view_location_id"];
  const wanted = { model: "stock.warehouse", domain: [["company_id", "=", company]], fields, context };
  const warehouses: Warehouse[] = [];
  for (const row of await searchRead(session, wanted, signal)) {
    const id = parseWholeNumber(row["id"], "a warehouse's id");
    const root = parseReference(row["view_location_id"], "a warehouse's place").id;
    const code = optionalValue(row["code"], "a warehouse's code", toName);
    const params = { domain: [["id", "child_of", [root]]] };
    const places = await session.call({ model: "stock.location", method: "search", params, context }, signal);
    warehouses.push({
      ...{ id, root, code: code ?? toName(row["name"]) },
      places: new Set(parseIds(places, "the places of a warehouse")),
    });
  }
  return warehouses;
}

/** Null where Odoo has no such thing, or does not show it to this user. */
async function readOrNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OdooRefused || (error instanceof OdooForbids && !(error instanceof OdooMisset))) return null;
    throw error;
  }
}
