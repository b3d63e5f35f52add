import type { Logger } from "../../telemetry/logger.js";
import { parseAmount } from "../amounts.js";
import { parseList, parseRow, parseText, type Row } from "../parse.js";
import type { B1Api } from "./b1-api.js";
import { isOfQuestion } from "./b1-errors.js";
import { toQuery } from "./b1-query.js";
import { dayOf, isYes, type Period, periodOf } from "./b1-validity.js";

/** What seldom changes: read at the start, and again every {@link keepGroundMs}. */
export interface Ground {
  readonly currencies: Currencies;
  /** By number. */
  readonly priceLists: ReadonlyMap<number, PriceList>;
  /** Rates of tax groups by code, each from a day on, latest first. */
  readonly taxGroups: ReadonlyMap<string, readonly TaxLine[]>;
  /** Names by number. */
  readonly paymentTerms: ReadonlyMap<number, string>;
}

export interface PriceList {
  readonly isGross: boolean;
  readonly period: Period;
}

export interface TaxLine {
  readonly from: string;
  /** In percent. */
  readonly rate: string;
}

/** A company names its currencies as it likes, such as "$" or "C$", and keeps their international codes beside. */
export interface Currencies {
  /** ISO 4217 by the company's code. */
  readonly iso: ReadonlyMap<string, string>;
  /** The other way round. */
  readonly own: ReadonlyMap<string, string>;
}

export const keepGroundMs = 300_000;

const queries = [
  toQuery("Currencies", { $select: "Code,DocumentsCode" }),
  toQuery("PriceLists", { $select: "PriceListNo,IsGrossPrice,ValidFrom,ValidTo" }),
  toQuery("PaymentTermsTypes", { $select: "GroupNumber,PaymentTermsGroupName" }),
  // The last, since what may not be read ends a batch for all behind it.
  toQuery("VatGroups", { $select: "Code,VatGroups_Lines" }),
];

export function createGroundReader(api: B1Api, log: Pick<Logger, "warn">): (signal: AbortSignal) => Promise<Ground> {
  return async (signal) => {
    const [currencies = [], priceLists = [], paymentTerms = [], taxGroups = []] = await api.readLists(queries, signal);
    if (currencies instanceof Error) throw currencies;
    if (priceLists instanceof Error) throw priceLists;
    if (paymentTerms instanceof Error) throw paymentTerms;
    if (taxGroups instanceof Error && !isOfQuestion(taxGroups)) throw taxGroups;
    // Countries with sales tax, and users without a right to it, have none of these: then no rate is told.
    if (taxGroups instanceof Error) log.warn({ err: taxGroups }, "the tax groups of SAP Business One cannot be read");
    return {
      currencies: toCurrencies(currencies),
      priceLists: new Map(priceLists.map(toPriceList)),
      taxGroups: new Map(taxGroups instanceof Error ? [] : taxGroups.map(toTaxGroup)),
      paymentTerms: new Map(paymentTerms.map(toPaymentTerms)),
    };
  };
}

function toCurrencies(rows: readonly Row[]): Currencies {
  const known = rows.flatMap((row) => {
    const code = parseText(row["Code"], "a currency's code");
    const iso = [row["DocumentsCode"], code].find((each) => typeof each === "string" && /^[A-Z]{3}$/.test(each));
    return typeof iso === "string" ? [{ code, iso }] : [];
  });
  // Where two have one international code, the one that is named by it counts.
  const byIso = [...known].sort((a, b) => Number(a.code === a.iso) - Number(b.code === b.iso));
  return {
    iso: new Map(known.map(({ code, iso }) => [code, iso])),
    own: new Map(byIso.map(({ code, iso }) => [iso, code])),
  };
}

function toPriceList(row: Row): [number, PriceList] {
  const number = numberOf(row["PriceListNo"]);
  const what = `price list ${number}`;
  const isGross = isYes(row["IsGrossPrice"], `whether ${what} is gross`);
  return [number, { isGross, period: periodOf(row["ValidFrom"], row["ValidTo"], what) }];
}

function toTaxGroup(row: Row): [string, TaxLine[]] {
  const code = parseText(row["Code"], "a tax group's code");
  const lines = parseList(row["VatGroups_Lines"], `the rates of tax group ${code}`).map((each): TaxLine => {
    const line = parseRow(each, `a rate of tax group ${code}`);
    return {
      from: dayOf(line["Effectivefrom"], `the first day of a rate of ${code}`) ?? "0001-01-01",
      rate: parseAmount(line["Rate"], `the rate of tax group ${code}`),
    };
  });
  return [code, lines.sort((a, b) => (a.from < b.from ? 1 : -1))];
}

function toPaymentTerms(row: Row): [number, string] {
  return [numberOf(row["GroupNumber"]), parseText(row["PaymentTermsGroupName"], "the name of payment terms")];
}

/** Numbers of lists go below 0 too: -1 is the last purchase price. */
export function numberOf(value: unknown): number {
  return Number.isInteger(value) ? (value as number) : Number.NaN;
}
