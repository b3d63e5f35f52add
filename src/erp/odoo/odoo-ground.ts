import { optional, parseRow, parseWholeNumber, type Row } from "../parse.js";
import { readCompany } from "./odoo-company.js";
import { isMissingRight, OdooRefused } from "./odoo-errors.js";
import { noPositions, type PositionsAbout, readPositionsAbout } from "./odoo-positions.js";
import { toStep, type Unit } from "./odoo-quantities.js";
import type { OdooSession } from "./odoo-session.js";
import { parseNumber, type Rounding, toName, unrounded } from "./odoo-values.js";
import { readFields, searchRead } from "./search-read.js";

/** What all questions stand on. */
export interface Ground {
  readonly company: number;
  /** ISO 4217: of prices without a list. */
  readonly currency: string;
  readonly country: number | null;
  /** Of a unit price on an order's line. */
  readonly priceRounding: Rounding;
  readonly units: ReadonlyMap<number, Unit>;
  readonly positions: PositionsAbout;
  /** Fields that not every Odoo has, or not every user may read. */
  readonly productFields: ReadonlySet<string>;
  readonly partnerFields: ReadonlySet<string>;
  /** Sent with every call. */
  readonly context: Row;
}

const productFields = ["taxes_id", "sale_delay", "is_kits", "use_expiration_date", "is_storable", "type", "free_qty"];
const partnerFields = [
  ...["property_product_pricelist", "property_payment_term_id", "property_account_position_id", "sale_warn"],
  ...["vat", "show_credit_limit", "credit_limit", "credit", "credit_to_invoice"],
];

/** @param wanted the company to be, by name or id; null takes the one that the user works in */
export async function readGround(session: OdooSession, wanted: string | null, signal: AbortSignal): Promise<Ground> {
  const { major } = await session.readVersion(signal);
  const company = await readCompany(session, wanted, signal);
  const { context } = company;
  const ofProduct = new Set(Object.keys(await readFields(session, "product.product", productFields, signal)));
  const ofPartner = new Set(Object.keys(await readFields(session, "res.partner", partnerFields, signal)));
  return {
    ...{ company: company.id, currency: company.currency, country: company.country, context },
    ...{ productFields: ofProduct, partnerFields: ofPartner },
    // Read in its code: since the versions between 17 and 18 Odoo is more lenient with what floats lose.
    priceRounding: { digits: await readPriceDigits(session, signal), graceBits: major < 18 ? 52 : 50 },
    units: await readUnits(session, context, signal),
    positions: ofPartner.has("property_account_position_id")
      ? await readPositionsAbout(session, { major, country: company.country, context }, signal)
      : noPositions,
  };
}

/**
 * An order's line keeps its price with as many decimals as its field says: those of Odoo's setting `Product Price`, or, since
 * early 2026, all of them, the setting being the fewest shown. Floats have their errors far behind the sixth.
 */
async function readPriceDigits(session: OdooSession, signal: AbortSignal): Promise<number> {
  const onLine = await readDigits(session, "sale.order.line", "price_unit", signal);
  const digits = onLine ?? (await readDigits(session, "product.product", "lst_price", signal));
  const most = unrounded.digits;
  return Array.isArray(digits) ? Math.min(most, parseNumber(digits[1], "the decimals of a price")) : most;
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

/** Null where Odoo has no such thing, or does not show it to this user. */
async function readOrNull<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OdooRefused || isMissingRight(error)) return null;
    throw error;
  }
}
