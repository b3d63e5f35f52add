import type { Change } from "../../pricing/connector.js";
import type { Row } from "../parse.js";
import type { Ground } from "./odoo-ground.js";
import { optionalValue, parseReference } from "./odoo-values.js";

/** What a variant is to a shop. */
export interface Variant {
  readonly id: number;
  readonly template: number;
  readonly sku: string;
  readonly isForSale: boolean;
}

/** What a changed row leads to. */
export interface Told {
  /** Variants of a product, by the id of the one or of their template. */
  variants(of: { readonly product?: number | null; readonly template?: number | null }): readonly Variant[];
  /** The changes that a change of one price list makes. */
  ofList(list: number): Change[];
}

/** A model of Odoo whose writing changes an answer. */
export interface ChangedModel {
  readonly name: string;
  readonly fields: readonly string[];
  toChanges(row: Row, told: Told): Change[];
}

/** In a fixed order: cursors count in it, so that none may be left out. Where Odoo lacks one, null stands in its place. */
export function changedModels(ground: Ground): (ChangedModel | null)[] {
  const hasTaxes = ground.productFields.has("taxes_id");
  return [
    product,
    template,
    ground.productFields.has("free_qty") ? quant : null,
    partner,
    rule,
    list,
    sweep("product.category"),
    sweep("uom.uom"),
    sweep("res.currency.rate"),
    hasTaxes ? sweep("account.tax") : null,
    extraPrice,
    ground.partnerFields.has("property_account_position_id") ? position : null,
  ];
}

/** The records that a row points at, whose codes have to be looked up. */
export function pointersOf(model: ChangedModel, row: Row): { product: number | null; template: number | null } {
  if (model === product) return { product: row["id"] as number, template: null };
  if (model === template) return { product: null, template: row["id"] as number };
  const idOf = (field: string) => optionalValue(row[field], `${field} of a ${model.name}`, parseReference)?.id ?? null;
  return { product: idOf("product_id"), template: idOf("product_tmpl_id") };
}

const product: ChangedModel = {
  name: "product.product",
  fields: [],
  toChanges: (row, told) => told.variants(pointersOf(product, row)).map(toPriceChange),
};

// The price and most else stand on the template.
const template: ChangedModel = {
  name: "product.template",
  fields: [],
  toChanges: (row, told) => told.variants(pointersOf(template, row)).map(toPriceChange),
};

// What a variant costs beside its template's price, by the values of its attributes.
const extraPrice: ChangedModel = {
  name: "product.template.attribute.value",
  fields: ["product_tmpl_id"],
  toChanges: (row, told) => told.variants({ template: pointersOf(extraPrice, row).template }).map(toPriceChange),
};

// Wherever it lies: what is delivered leaves an emptied place without a trace, but is written where it went.
const quant: ChangedModel = {
  name: "stock.quant",
  fields: ["product_id"],
  toChanges: (row, told) => told.variants(pointersOf(quant, row)).map(({ sku }) => ({ kind: "stock", sku })),
};

const partner: ChangedModel = {
  name: "res.partner",
  fields: ["ref"],
  toChanges: ({ ref }) => (typeof ref === "string" && ref !== "" ? [{ kind: "customer", customer: ref }] : []),
};

const rule: ChangedModel = {
  name: "product.pricelist.item",
  fields: ["pricelist_id", "product_id", "product_tmpl_id"],
  toChanges(row, told) {
    const of = pointersOf(rule, row);
    if (of.product !== null || of.template !== null) return told.variants(of).map(toPriceChange);
    return told.ofList(parseReference(row["pricelist_id"], "the list of a price rule").id);
  },
};

// A rule that is deleted in its list's form leaves its trace here: the list was written.
const list: ChangedModel = {
  name: "product.pricelist",
  fields: [],
  toChanges: (row, told) => told.ofList(row["id"] as number),
};

// Whose order it bears on nobody can tell from here: every customer may be under another one by now.
const position: ChangedModel = {
  name: "account.fiscal.position",
  fields: [],
  toChanges: () => [{ kind: "price" }, { kind: "customer" }],
};

/** Rarely written, and then anybody's price may be another one. */
function sweep(name: string): ChangedModel {
  return { name, fields: [], toChanges: () => [{ kind: "price" }] };
}

function toPriceChange({ sku, isForSale }: Variant): Change {
  return { kind: isForSale ? "price" : "removed", sku };
}
