import { position } from "./odoo-positions.js";
import type { Context, Data, FieldSpec, Models, Values } from "./odoo-records.js";

// What the stand-in's Odoo sells, and how its price lists and stock work. Sources: "Pricelists" and "Inventory" of Odoo's user
// documentation, and what was seen of 18 and 19. Floats are computed as floats on purpose: they come out as unclean as there.

const char: FieldSpec = { type: "char" };
const float: FieldSpec = { type: "float" };
const integer: FieldSpec = { type: "integer" };
const bool: FieldSpec = { type: "boolean" };
const datetime: FieldSpec = { type: "datetime" };
const selection: FieldSpec = { type: "selection" };
const invoicing: FieldSpec = { type: "float", group: "invoicing" };
const to = (of: string): FieldSpec => ({ type: "many2one", of });
const many = (of: string): FieldSpec => ({ type: "many2many", of });

/** @param major decides what fields there are */
export function createModels(major: number, data: Data): Models {
  const priceUnit: FieldSpec = { type: "float", digits: major >= 19 ? false : [16, 2] };
  return {
    "res.users": { company_id: to("res.company") },
    "res.company": { name: char, currency_id: to("res.currency"), country_id: to("res.country") },
    "res.currency": { name: char },
    "res.currency.rate": { write_date: datetime },
    "res.country": { name: char },
    "uom.uom": { name: char, rounding: float, active: bool, write_date: datetime },
    "product.category": { name: char, write_date: datetime },
    "product.template": { name: char, active: bool, write_date: datetime },
    "product.template.attribute.value": { product_tmpl_id: to("product.template"), write_date: datetime },
    "product.product": {
      ...{ default_code: char, active: bool, sale_ok: bool, write_date: datetime, type: selection },
      ...(major >= 18 ? { is_storable: bool } : {}),
      ...{ lst_price: { type: "float", digits: [16, 2] }, currency_id: to("res.currency"), uom_id: to("uom.uom") },
      ...{ product_tmpl_id: to("product.template"), taxes_id: many("account.tax"), sale_delay: integer },
      use_expiration_date: bool,
      is_kits: { type: "boolean", from: ["Bill of Material", "mrp.bom"] },
      free_qty: {
        ...{ type: "float", from: ["Stock Move", "stock.move"] },
        compute: (row, context) => freeQuantity(major, data, row, context),
      },
    },
    "product.pricelist": { name: char, currency_id: to("res.currency"), active: bool, write_date: datetime },
    "product.pricelist.item": {
      ...{ pricelist_id: to("product.pricelist"), product_id: to("product.product"), write_date: datetime },
      ...{ product_tmpl_id: to("product.template"), min_quantity: float, date_start: datetime, date_end: datetime },
      ...{ base: selection, base_pricelist_id: to("product.pricelist"), compute_price: selection },
      ...{ fixed_price: float, percent_price: float },
    },
    "account.tax": {
      ...{ name: char, type_tax_use: selection, amount: float, amount_type: selection, price_include: bool },
      ...{ include_base_amount: bool, company_id: to("res.company"), write_date: datetime, active: bool },
      ...(major >= 19 ? { original_tax_ids: many("account.tax") } : {}),
    },
    "account.fiscal.position": {
      ...{ name: char, auto_apply: bool, active: bool, vat_required: bool, write_date: datetime },
      ...{ country_id: to("res.country"), country_group_id: to("res.country.group") },
      tax_ids: many(major >= 19 ? "account.tax" : "account.fiscal.position.tax"),
    },
    "res.country.group": { name: char, country_ids: many("res.country") },
    "account.payment.term": { name: char },
    "res.partner": {
      ...{ name: char, ref: char, active: bool, country_id: to("res.country"), write_date: datetime },
      ...{ property_product_pricelist: to("product.pricelist"), commercial_partner_id: to("res.partner") },
      ...{
        property_payment_term_id: to("account.payment.term"),
        property_account_position_id: to("account.fiscal.position"),
      },
      ...{ vat: char, type: selection, parent_id: to("res.partner") },
      ...(major < 19 ? { sale_warn: selection } : {}),
      ...{ show_credit_limit: { type: "boolean", group: "invoicing" }, credit_limit: invoicing },
      ...{ credit: invoicing, credit_to_invoice: invoicing },
    },
    "stock.warehouse": {
      name: char,
      code: char,
      company_id: to("res.company"),
      view_location_id: to("stock.location"),
    },
    "stock.location": { name: char, location_id: to("stock.location") },
    "stock.quant": {
      ...{ product_id: to("product.product"), location_id: to("stock.location"), quantity: float },
      ...{ reserved_quantity: float, write_date: datetime },
    },
    "sale.order.line": { price_unit: priceUnit },
    "ir.actions.server": { name: char },
  };
}

const old = "2026-01-01 00:00:00";

/** @param major up to 17 the type says what is counted in stock, from 18 on a mark beside it */
export function createShop(major: number): Data {
  const product = (id: number, code: string | false, price: number, more: Values = {}): Values => ({
    ...{
      id,
      default_code: code,
      active: true,
      sale_ok: true,
      write_date: old,
      type: major < 18 ? "product" : "consu",
      is_storable: true,
    },
    ...{ lst_price: price, currency_id: 1, uom_id: 1, product_tmpl_id: 100 + id, taxes_id: [1], sale_delay: 2 },
    ...{ is_kits: false, use_expiration_date: false, name: code, ...more },
  });
  const rule = (id: number, list: number, more: Values): Values => ({
    ...{
      id,
      pricelist_id: list,
      write_date: old,
      min_quantity: 0,
      base: "list_price",
      compute_price: "percentage",
      ...more,
    },
  });
  const partner = (id: number, ref: string | false, more: Values = {}): Values => ({
    ...{
      id,
      ref,
      name: `Customer ${ref || id}`,
      active: true,
      write_date: old,
      commercial_partner_id: id,
      country_id: 1,
      ...more,
    },
  });
  const place = (id: number, parent: number | false): Values => ({ id, name: `Place ${id}`, location_id: parent });
  const quant = (id: number, product_id: number, location_id: number, quantity: number, reserved = 0): Values => ({
    ...{ id, product_id, location_id, quantity, reserved_quantity: reserved, write_date: old },
  });
  const products = [
    product(1, "CHAIR", 74.8),
    product(2, "DESK", 450, { taxes_id: [1, 2] }),
    product(3, "LAMP", 24.93, { taxes_id: [3] }),
    product(4, "CABLE", 1.25, { uom_id: 2, taxes_id: [] }),
    product(5, "SETUP", 80, { type: "service", is_storable: false }),
    product(6, "KIT", 500, { is_kits: true }),
    product(7, "GONE", 9, { active: false }),
    product(8, "PART", 3, { sale_ok: false }),
    product(9, "TWIN", 5),
    product(10, "TWIN", 6),
    product(11, false, 7),
    product(12, 'L\'ÉTÉ 1/2 "x" %', 12.5),
    product(13, "LEVY", 10, { taxes_id: [4] }),
  ];
  return {
    "res.users": [{ id: 7, company_id: 1 }],
    "res.company": [{ id: 1, name: "Dupont SA", currency_id: 1, country_id: 1 }],
    "res.currency": [
      { id: 1, name: "EUR" },
      { id: 2, name: "USD" },
    ],
    "res.country": [
      { id: 1, name: "France" },
      { id: 2, name: "Belgium" },
    ],
    "uom.uom": [
      { id: 1, name: "Units", rounding: 1, active: true, write_date: old },
      { id: 2, name: "m", rounding: 0.01, active: true, write_date: old },
    ],
    "product.product": products,
    "product.template": products.map((row) => ({
      id: row["product_tmpl_id"],
      name: row["name"],
      active: true,
      write_date: old,
    })),
    "product.pricelist": [
      { id: 1, name: "Trade", currency_id: 1, active: true, write_date: old },
      { id: 2, name: "By quantity", currency_id: 1, active: true, write_date: old },
      { id: 3, name: "On trade", currency_id: 1, active: true, write_date: old },
      { id: 4, name: "Dollars", currency_id: 2, active: true, write_date: old },
    ],
    "product.pricelist.item": [
      rule(1, 1, { percent_price: 70 }),
      rule(2, 2, { product_tmpl_id: 101, compute_price: "fixed", fixed_price: 70, min_quantity: 10 }),
      rule(3, 2, { product_id: 1, compute_price: "fixed", fixed_price: 60, min_quantity: 100 }),
      rule(4, 2, { percent_price: 5, date_start: "2026-12-01 00:00:00", date_end: "2026-12-31 22:59:59" }),
      rule(5, 3, { base: "pricelist", base_pricelist_id: 2, percent_price: 10 }),
      rule(6, 4, { compute_price: "fixed", fixed_price: 99 }),
    ],
    "account.tax": [
      { id: 1, name: "20 %", type_tax_use: "sale", amount: 20, amount_type: "percent", company_id: 1 },
      { id: 2, name: "Eco 1 %", type_tax_use: "sale", amount: 1, amount_type: "percent", company_id: 1 },
      {
        id: 3,
        name: "20 % TTC",
        type_tax_use: "sale",
        amount: 20,
        amount_type: "percent",
        price_include: true,
        company_id: 1,
      },
      { id: 4, name: "0.50 each", type_tax_use: "sale", amount: 0.5, amount_type: "fixed", company_id: 1 },
      // What the position puts in their place.
      {
        id: 5,
        name: "0 %",
        type_tax_use: "sale",
        amount: 0,
        amount_type: "percent",
        company_id: 1,
        original_tax_ids: [1, 3],
      },
    ],
    "account.fiscal.position": [position(1, "Belgium", { 1: [5], 3: [5] }, { auto_apply: true, country_id: 2 })],
    "res.country.group": [{ id: 1, name: "Europe", country_ids: [1, 2] }],
    "account.payment.term": [{ id: 1, name: "30 days" }],
    "res.partner": [
      partner(20, "C-TRADE", { property_product_pricelist: 1, property_payment_term_id: 1 }),
      partner(21, "C-QUANTITY", { property_product_pricelist: 2 }),
      partner(22, "C-DOLLARS", { property_product_pricelist: 4 }),
      partner(23, "C-NOLIST"),
      partner(24, "C-BELGIUM", { property_product_pricelist: 1, country_id: 2 }),
      partner(25, "C-GONE", { active: false }),
      partner(26, "C-TWIN"),
      partner(27, "C-TWIN"),
      partner(28, "C-BLOCKED", { sale_warn: "block" }),
      partner(29, false, { credit_limit: 1000, show_credit_limit: true, credit: 250.1, credit_to_invoice: 49.9 }),
      partner(30, "C-CREDIT", { commercial_partner_id: 29, property_product_pricelist: 1 }),
      partner(31, "C-ON-TRADE", { property_product_pricelist: 3 }),
    ],
    "stock.warehouse": [
      { id: 1, name: "Main", code: "WH", company_id: 1, view_location_id: 50 },
      { id: 2, name: "North", code: "NO", company_id: 1, view_location_id: 60 },
    ],
    "stock.location": [
      place(50, false),
      place(51, 50),
      place(52, 51),
      place(60, false),
      place(61, 60),
      place(90, false),
    ],
    "stock.quant": [
      quant(1, 1, 51, 12, 2),
      quant(2, 1, 52, 3),
      quant(3, 1, 61, 5, 5),
      quant(4, 1, 90, 7),
      quant(5, 2, 61, 0.1 + 0.2),
      quant(6, 4, 51, 10.345),
      quant(7, 3, 51, -4),
    ],
    "ir.actions.server": [{ id: 77, name: "Pricelane prices" }],
  };
}

/** By the key `warehouse` up to 16, `warehouse_id` from 18 on; the other is passed over, and all warehouses are summed (seen on 16, 18 and 19). */
function freeQuantity(major: number, data: Data, product: Values, context: Context): number {
  const wanted = context[major < 18 ? "warehouse" : "warehouse_id"];
  const warehouses = (data["stock.warehouse"] ?? []).filter(({ id }) => wanted === undefined || id === wanted);
  if (product["is_kits"] === true) return warehouses.reduce((sum, { id }) => sum + (id === 1 ? 4 : 0), 0);
  const roots = warehouses.map(({ view_location_id }) => view_location_id);
  const quants = (data["stock.quant"] ?? []).filter(
    (quant) => quant["product_id"] === product["id"] && roots.includes(rootOf(data, quant["location_id"])),
  );
  return quants.reduce((sum, quant) => sum + (quant["quantity"] as number) - (quant["reserved_quantity"] as number), 0);
}

function rootOf(data: Data, place: unknown): unknown {
  const parent = (data["stock.location"] ?? []).find(({ id }) => id === place)?.["location_id"];
  return typeof parent === "number" ? rootOf(data, parent) : place;
}

/** The first rule that fits, the most particular and the largest quantity first; the sales price where none does. */
export function priceOf(data: Data, product: Values, list: unknown, quantity: number, now: string): number {
  const rules = (data["product.pricelist.item"] ?? []).filter((rule) => fits(rule, product, list, quantity, now));
  const rank = (rule: Values) => (rule["product_id"] ? 0 : rule["product_tmpl_id"] ? 1 : 2);
  const [first] = rules.sort(
    (a, b) => rank(a) - rank(b) || (b["min_quantity"] as number) - (a["min_quantity"] as number),
  );
  const own = product["lst_price"] as number;
  if (first === undefined) return own;
  if (first["compute_price"] === "fixed") return first["fixed_price"] as number;
  const base = first["base"] === "pricelist" ? priceOf(data, product, first["base_pricelist_id"], quantity, now) : own;
  return base - base * ((first["percent_price"] as number) / 100);
}

function fits(rule: Values, product: Values, list: unknown, quantity: number, now: string): boolean {
  const named = (value: unknown, id: unknown) => value === undefined || value === id;
  return (
    rule["pricelist_id"] === list &&
    named(rule["product_id"], product["id"]) &&
    named(rule["product_tmpl_id"], product["product_tmpl_id"]) &&
    quantity >= (rule["min_quantity"] as number) &&
    (rule["date_start"] === undefined || (rule["date_start"] as string) <= now) &&
    (rule["date_end"] === undefined || (rule["date_end"] as string) >= now)
  );
}
