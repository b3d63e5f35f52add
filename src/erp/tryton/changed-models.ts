import type { Change } from "../../pricing/connector.js";
import { optional, parseWholeNumber, type Row } from "../parse.js";
import { readRows } from "./read-rows.js";
import { readDefaultList, toPriceScope } from "./tryton-buyers.js";
import type { Ground } from "./tryton-ground.js";
import type { TrytonSession } from "./tryton-session.js";
import { isTrue } from "./tryton-values.js";

/** The changes that a change of one price list makes: those of its scopes, its children's included. */
export type ListScopes = (list: number) => Change[];

/** A model of Tryton whose writing changes an answer. */
export interface ChangedModel {
  readonly name: string;
  readonly fields: readonly string[];
  /** Whose dates count: "" its own, "template." those of the record it belongs to. */
  readonly stamps: readonly string[];
  readonly needsScopes: boolean;
  /** There is one record of it, which Tryton's `search_read` cannot look for by a date. */
  readonly single?: true;
  toChanges(row: Row, scopes: ListScopes): Change[];
}

/** In a fixed order: cursors count in it. New ones go to the end. */
export function changedModels({ has }: Ground): ChangedModel[] {
  return [product, stockMove, party, ...(has.priceLists ? [listLine, priceList] : []), ...sweeps];
}

const product: ChangedModel = {
  name: "product.product",
  fields: ["code", "active", "salable", "template.active"],
  stamps: ["", "template."], // the price and most else stand on the template
  needsScopes: false,
  toChanges(row) {
    const sku = row["code"];
    if (typeof sku !== "string" || sku === "") return [];
    return [{ kind: isTrue(row["active"]) && isTrue(row["salable"]) ? "price" : "removed", sku }];
  },
};

const stockMove: ChangedModel = {
  name: "stock.move",
  fields: ["product.code"],
  stamps: [""],
  needsScopes: false,
  toChanges: (row) => toSkus(row).map((sku) => ({ kind: "stock", sku })),
};

const party: ChangedModel = {
  name: "party.party",
  fields: ["code"],
  stamps: [""],
  needsScopes: false,
  toChanges: ({ code }) => (typeof code === "string" && code !== "" ? [{ kind: "customer", customer: code }] : []),
};

const listLine: ChangedModel = {
  name: "product.price_list.line",
  fields: ["price_list", "product.code"],
  stamps: [""],
  needsScopes: true,
  toChanges(row, scopes) {
    const skus = toSkus(row);
    if (skus.length > 0) return skus.map((sku) => ({ kind: "price", sku }));
    return scopes(parseWholeNumber(row["price_list"], "the list of a price list's line"));
  },
};

// A deleted line leaves its trace here, too: the list it stood in was written.
const priceList: ChangedModel = {
  name: "product.price_list",
  fields: [],
  stamps: [""],
  needsScopes: true,
  toChanges: (row, scopes) => scopes(parseWholeNumber(row["id"], "the id of a price list")),
};

/** Rarely written, and then anybody's answer may be another one. */
const sweeps: ChangedModel[] = [
  { ...sweep("sale.configuration", "price"), single: true },
  sweep("currency.currency.rate", "price"),
  sweep("account.tax", "price"),
  sweep("account.tax.rule", "price"),
  sweep("product.category", "price"),
  { ...sweep("account.configuration", "customer"), single: true },
];

function sweep(name: string, kind: "price" | "customer"): ChangedModel {
  return { name, fields: [], stamps: [""], needsScopes: false, toChanges: () => [{ kind }] };
}

function toSkus(row: Row): string[] {
  const target = row["product."] as Row | null | undefined;
  const sku = target?.["code"];
  return typeof sku === "string" && sku !== "" ? [sku] : [];
}

/** @throws {ErpError} */
export async function readListScopes(session: TrytonSession, ground: Ground, signal: AbortSignal): Promise<ListScopes> {
  const { context, has } = ground;
  const all = { ...context, active_test: false };
  const fields = has.listParent ? ["parent"] : [];
  const lists = await readRows(session, { model: "product.price_list", domain: [], fields, context: all }, signal);
  const rules = await readRows(session, { model: "account.tax.rule", domain: [], fields: [], context: all }, signal);
  const ruleIds = [null, ...rules.map((row) => parseWholeNumber(row["id"], "the id of a tax rule"))];
  const defaultList = await readDefaultList(session, ground, signal);
  return (list) => {
    const touched = withChildren(list, lists);
    // The default list's prices are the public's as well, which no scope names.
    if (defaultList !== null && touched.has(defaultList)) return [{ kind: "price" }];
    return [...touched].flatMap((id) =>
      ruleIds.map((rule): Change => ({ kind: "price", priceScope: toPriceScope(id, rule) })),
    );
  };
}

function withChildren(list: number, lists: readonly Row[]): Set<number> {
  const touched = new Set([list]);
  for (let grown = true; grown; ) {
    const before = touched.size;
    for (const row of lists) {
      const parent = optional(row["parent"], "the parent of a price list", parseWholeNumber);
      if (parent !== null && touched.has(parent)) touched.add(parseWholeNumber(row["id"], "the id of a price list"));
    }
    grown = touched.size > before;
  }
  return touched;
}
