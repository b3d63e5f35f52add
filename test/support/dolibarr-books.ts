import type { DolibarrBooks } from "./dolibarr-fake.js";
import type { FakeRow } from "./dolibarr-fake-filter.js";

/** A product as the API writes it: numbers as text, empty arrays where a mode is off, and more than anybody asked. */
export function productRow(id: number, ref: string, price: string, more: FakeRow = {}): FakeRow {
  return {
    id: String(id),
    ref,
    label: `The ${ref}`,
    status: "1",
    status_buy: "1",
    type: "0",
    price: `${price}.00000000`,
    price_ttc: "0.00000000",
    price_base_type: "HT",
    tva_tx: "20.0000",
    localtax1_tx: "0.0000",
    localtax2_tx: "0.0000",
    multiprices: [],
    multiprices_ttc: [],
    multiprices_base_type: [],
    prices_by_qty: [],
    prices_by_qty_list: [],
    stock_warehouse: [],
    date_modification: 1_700_000_000 + id,
    ...more,
  };
}

export function partyRow(id: number, code: string, more: FakeRow = {}): FakeRow {
  return {
    id: String(id),
    code_client: code,
    ref_ext: `EXT-${code}`,
    name: `The ${code}`,
    client: "1",
    status: "1",
    price_level: null,
    remise_percent: "0",
    cond_reglement_id: "2",
    outstanding_limit: null,
    date_modification: 1_700_000_000 + id,
    ...more,
  };
}

export function customerPriceRow(product: number, party: number, price: string, more: FakeRow = {}): FakeRow {
  return {
    id: "1",
    fk_product: String(product),
    fk_soc: String(party),
    price: `${price}000000`,
    price_ttc: "0.00000000",
    price_base_type: "HT",
    tva_tx: "20.0000",
    ...more,
  };
}

/** Two warehouses, five products, four customers; prices by customer on, the other ways to keep prices off. */
export function dolibarrBooks(version: string, parts: Partial<DolibarrBooks> = {}): DolibarrBooks {
  return {
    version,
    apiKey: "the-key",
    products: [
      productRow(1, "A-1", "10", { stock_warehouse: { "1": { real: "7", id: "11" }, "3": { real: "5" } } }),
      productRow(2, "B.2", "20", { stock_warehouse: { "2": { real: "2.5" }, "1": { real: "-4" } } }),
      productRow(3, "C (50%)", "30"),
      productRow(4, "D É/4", "40", { type: "1" }),
      productRow(5, "GONE", "50", { status: "0" }),
    ],
    thirdParties: [
      partyRow(1, "CU-1", { price_level: "2", outstanding_limit: "1000.00000000" }),
      partyRow(2, "CU-2"),
      partyRow(3, "CU-3", { status: "0" }),
      partyRow(4, "SUPPLIER", { client: "0" }),
    ],
    warehouses: [
      { id: "1", ref: "MAIN", label: "MAIN", statut: "1", status: "1" },
      { id: "2", ref: "EAST", label: "EAST", statut: "1", status: "1" },
      { id: "3", ref: "OLD", label: "OLD", statut: "0", status: "0" },
    ],
    paymentTerms: [
      { id: "1", code: "RECEP", label: "Due Upon Receipt" },
      { id: "2", code: "30D", label: "30 days" },
    ],
    customerPrices: new Map([
      ["1/1", [customerPriceRow(1, 1, "8.50")]],
      ["1/2", [customerPriceRow(1, 2, "9.25")]],
    ]),
    levelsAlone: true,
    outstanding: new Map([["1", 250.5]]),
    fault: () => null,
    ...parts,
  };
}
