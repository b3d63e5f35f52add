/** What a column holds. */
export type ColumnKind = "text" | "decimal" | "whole" | "flag" | "day" | "instant";

export interface QueryShape {
  /** Without it there is no connector; else there is only less that it can do. */
  readonly isNeeded: boolean;
  /** What it cannot do without. */
  readonly mustName: readonly string[];
  readonly mayName: readonly string[];
  readonly mustReturn: Readonly<Record<string, ColumnKind>>;
  readonly mayReturn: Readonly<Record<string, ColumnKind>>;
  /** At least one of these columns. */
  readonly oneOf?: readonly string[];
}

export const queryNames = ["prices", "stock", "customers", "products", "changes", "newest_change"] as const;
export type QueryName = (typeof queryNames)[number];

/** The contract of the file of queries. docs/erp/sql.md tells it in words. */
export const queryShapes: Readonly<Record<QueryName, QueryShape>> = {
  prices: {
    isNeeded: true,
    mustName: ["skus"],
    mayName: ["customer", "price_scope", "currency", "quantity", "company"],
    mustReturn: { sku: "text", currency: "text" },
    oneOf: ["net", "gross"],
    mayReturn: {
      net: "decimal",
      gross: "decimal",
      tax_rate: "decimal",
      minimum_quantity: "decimal",
      order_minimum: "decimal",
      order_increment: "decimal",
      price_unit: "decimal",
      unit: "text",
      price_list: "text",
      valid_until: "instant",
      customer: "text",
      price_scope: "text",
    },
  },
  stock: {
    isNeeded: true,
    mustName: ["skus"],
    mayName: ["warehouses", "company"],
    mustReturn: { sku: "text", warehouse: "text", available: "decimal" },
    mayReturn: { backorder: "flag", restock_date: "day", lead_time_days: "whole" },
  },
  customers: {
    isNeeded: true,
    mustName: ["customers"],
    mayName: ["company"],
    mustReturn: { customer: "text" },
    mayReturn: {
      name: "text",
      currency: "text",
      price_scope: "text",
      payment_terms: "text",
      credit_limit: "decimal",
      credit_available: "decimal",
      blocked: "flag",
    },
  },
  products: {
    isNeeded: false,
    mustName: ["after", "limit"],
    mayName: ["company"],
    mustReturn: { sku: "text" },
    mayReturn: {},
  },
  changes: {
    isNeeded: false,
    mustName: ["since", "limit"],
    mayName: ["company"],
    mustReturn: { change_id: "text", kind: "text" },
    mayReturn: { sku: "text", customer: "text", price_scope: "text" },
  },
  newest_change: {
    isNeeded: false,
    mustName: [],
    mayName: ["company"],
    mustReturn: { change_id: "text" },
    mayReturn: {},
  },
};

/** What a query that names these must tell again in a column of its own, so that each row says whose it is. */
export const echoes: Readonly<Partial<Record<string, string>>> = { customer: "customer", price_scope: "price_scope" };
