import { ErpBadAnswer, ErpUnavailable } from "../../errors.js";
import { optional, parseCurrency, parseRow, parseText, parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import { TrytonRefused } from "./tryton-errors.js";
import type { TrytonSession } from "./tryton-session.js";
import { parseNumber } from "./tryton-values.js";

/** What stays as it is for months: read at the first call, and again every {@link keepGroundMs}. */
export interface Ground {
  readonly company: number;
  readonly currency: string;
  /** IANA name; Tryton's server itself runs on UTC. */
  readonly timeZone: string;
  /** Ids by ISO 4217 code. */
  readonly currencies: ReadonlyMap<string, number>;
  /** Decimals of unit prices, `price_decimal` in Tryton's own settings. */
  readonly priceDigits: number;
  readonly units: ReadonlyMap<number, Unit>;
  readonly warehouses: readonly { readonly id: number; readonly code: string }[];
  readonly has: Modules;
  /** Sent with every call. */
  readonly context: Row;
}

/** A unit of measure. Factor and rate to the base unit of its kind, one the inverse of the other. */
export interface Unit {
  readonly name: string;
  readonly factor: number;
  readonly rate: number;
  readonly rounding: number;
  readonly digits: number;
}

/** What the modules that are activated bring. */
export interface Modules {
  readonly creditLimit: boolean;
  readonly priceLists: boolean;
  readonly listParent: boolean;
  readonly listDates: boolean;
  /** Taxes depend on where the goods go, not on the tax rule alone. */
  readonly taxByPlace: boolean;
}

export const keepGroundMs = 300_000;

/** @param wanted the company to be, by name or id; null takes the user's own */
export async function readGround(session: TrytonSession, wanted: string | null, signal: AbortSignal): Promise<Ground> {
  const preferences = parseRow(await session.call("model.res.user.get_preferences", [true, {}], signal), "preferences");
  const id = parseCompany(preferences, wanted);
  const context = { company: id, language: preferences["language"] ?? "en" };
  const rows = (model: string, domain: unknown[], fields: string[], more: Row = {}) =>
    readRows(session, { model, domain, fields, context: { ...context, ...more } }, signal);
  const [first] = await rows("company.company", [["id", "=", id]], ["currency.code", "timezone"]);
  const company = parseRow(first, "the company");
  return {
    company: id,
    currency: parseCurrency(parseRow(company["currency."], "its currency")["code"], "its currency"),
    timeZone: optional(company["timezone"], "its time zone", parseText) ?? "UTC",
    currencies: toCurrencies(await rows("currency.currency", [], ["code"])),
    priceDigits: await readPriceDigits(session, signal),
    units: toUnits(await rows("product.uom", [], unitFields, { active_test: false })),
    warehouses: toWarehouses(await rows("stock.location", [["type", "=", "warehouse"]], ["code", "name"])),
    has: await readModules(session, signal),
    context,
  };
}

const unitFields = ["name", "factor", "rate", "rounding", "digits"];

// A price list of another company than the user's current one makes Tryton refuse every price.
function parseCompany(preferences: Row, wanted: string | null): number {
  const { company, "company.rec_name": name } = preferences;
  if (typeof company !== "number") {
    throw new ErpUnavailable("the Tryton user has no current company: set it in its preferences", {
      countsAsFailure: false,
    });
  }
  if (wanted !== null && wanted !== name && wanted !== String(company)) {
    const said = `the Tryton user's current company is ${JSON.stringify(name ?? company)}, not ${JSON.stringify(wanted)}`;
    throw new ErpUnavailable(`${said}: change it in the user's preferences, or TRYTON_COMPANY`, {
      countsAsFailure: false,
    });
  }
  return company;
}

function toCurrencies(rows: readonly Row[]): Map<string, number> {
  const named = rows.filter((row) => typeof row["code"] === "string");
  return new Map(named.map((row) => [row["code"] as string, parseWholeNumber(row["id"], "a currency's id")]));
}

async function readPriceDigits(session: TrytonSession, signal: AbortSignal): Promise<number> {
  const method = "model.product.product.fields_get";
  const fields = parseRow(await session.call(method, [["sale_price_uom"], {}], signal), "the fields of a product");
  const { digits } = parseRow(fields["sale_price_uom"], "the field of the sale price: is the module `sale` activated?");
  const match = /^\[\s*\d+,\s*(\d+)\s*\]$/.exec(String(digits));
  if (match === null) throw new ErpBadAnswer("Tryton does not tell the decimals of a sale price");
  return Number(match[1]);
}

function toUnits(rows: readonly Row[]): Map<number, Unit> {
  return new Map(rows.map((row) => [parseWholeNumber(row["id"], "a unit's id"), toUnit(row)]));
}

function toUnit(row: Row): Unit {
  const name = parseText(row["name"], "a unit's name");
  return {
    name,
    factor: parseNumber(row["factor"], `the factor of ${name}`),
    rate: parseNumber(row["rate"], `the rate of ${name}`),
    rounding: parseNumber(row["rounding"], `the rounding of ${name}`),
    digits: Math.min(6, parseWholeNumber(row["digits"], `the digits of ${name}`)),
  };
}

// A copied warehouse keeps the code of the first: two with one name would hide each other's stock.
function toWarehouses(rows: readonly Row[]): Ground["warehouses"] {
  const seen = new Set<string>();
  return rows.map((row) => {
    const id = parseWholeNumber(row["id"], "a warehouse's id");
    const label = optional(row["code"] || null, "a warehouse's code", parseText) ?? parseText(row["name"], "its name");
    const code = seen.has(label) ? `${label}#${id}` : label;
    seen.add(code);
    return { id, code };
  });
}

async function readModules(session: TrytonSession, signal: AbortSignal): Promise<Modules> {
  const has = async (model: string, field: string): Promise<boolean> => {
    try {
      const answer = await session.call(`model.${model}.fields_get`, [[field], {}], signal);
      return parseRow(answer, `the fields of ${model}`)[field] !== undefined;
    } catch (error) {
      if (error instanceof TrytonRefused) return false; // no such model: its module is not activated
      throw error;
    }
  };
  return {
    creditLimit: await has("party.party", "credit_limit_amount"),
    priceLists: await has("party.party", "sale_price_list"),
    listParent: await has("product.price_list", "parent"),
    listDates: await has("product.price_list.line", "start_date"),
    taxByPlace: await has("account.tax.rule.line", "from_country"),
  };
}
