import { type B1Options, createB1Connector } from "../../src/erp/sap-business-one/b1-connector.js";
import type { Connector } from "../../src/pricing/connector.js";
import { type B1Books, type FakeB1, startFakeB1 } from "./sap-business-one-fake.js";
import type { B1Record } from "./sap-business-one-filter.js";
import { VirtualClock } from "./virtual-clock.js";

const active = {
  ...{ Valid: "tYES", ValidFrom: null, ValidTo: null },
  ...{ Frozen: "tNO", FrozenFrom: null, FrozenTo: null },
};

/** An item with its prices by list. */
export function itemRecord(code: string, prices: Readonly<Record<number, number>>, more: B1Record = {}): B1Record {
  return {
    ...{ ItemCode: code, SalesItem: "tYES", InventoryItem: "tYES", SalesVATGroup: "C1", ...active },
    ...{ InventoryUOM: "pc", UoMGroupEntry: -1, InventoryUoMEntry: -1 },
    ItemPrices: Object.entries(prices).map(([list, Price]) => ({ PriceList: Number(list), Price, Currency: "EUR" })),
    ItemWarehouseInfoCollection: [],
    ...more,
  };
}

export function partnerRecord(code: string, more: B1Record = {}): B1Record {
  return {
    ...{ CardCode: code, CardName: `The ${code}`, CardType: "cCustomer", Currency: "EUR", PriceListNum: 1 },
    ...{ PayTermsGrpCode: -1, CreditLimit: 0, CurrentAccountBalance: 0 },
    ...{ OpenDeliveryNotesBalance: 0, OpenOrdersBalance: 0, VatLiable: "vLiable", VatGroup: null, ...active, ...more },
  };
}

export function specialRecord(item: string, customer: string, price: number, more: B1Record = {}): B1Record {
  return {
    ...{ ItemCode: item, CardCode: customer, Price: price, Currency: "EUR", DiscountPercent: 0, PriceListNum: 1 },
    ...{ Valid: "tYES", ValidFrom: null, ValidTo: null, SpecialPriceDataAreas: [], ...more },
  };
}

/** A period of a special price. @param steps quantities with their prices */
export function periodRecord(
  from: string,
  to: string | null,
  steps: Readonly<Record<string, number>>,
  price = 0,
): B1Record {
  const areas = Object.entries(steps).map(([quantity, SpecialPrice]) => ({
    ...{ Quantity: Number(quantity), SpecialPrice, Discountin: 0, UoMEntry: -1 },
  }));
  return {
    ...{ DateFrom: from, Dateto: to, Discount: 0, SpecialPrice: price, PriceListNo: 1 },
    SpecialPriceQuantityAreas: areas,
  };
}

export function b1Books(): B1Books {
  const warehouses = [
    { WarehouseCode: "01", InStock: 10.3, Committed: 0.1, Ordered: 0 },
    { WarehouseCode: "02", InStock: 2, Committed: 5, Ordered: 100 },
  ];
  return {
    ...{ password: "the-password", version: "1000190", sessionMinutes: 30, pageSize: 20, heedsPageSize: true },
    ...{ goesOn: false, ignoresCase: false, discount: "included", groupDiscounts: {} },
    lists: {
      Items: [
        itemRecord("A-1", { 1: 100, 2: 90 }, { ItemWarehouseInfoCollection: warehouses }),
        itemRecord("B 'X' & OR/%", { 1: 19.99, 2: 18 }),
        itemRecord("SERVICE", { 1: 50, 2: 50 }, { InventoryItem: "tNO" }),
        itemRecord("GONE", { 1: 1 }, { Frozen: "tYES", Valid: "tNO" }),
      ],
      BusinessPartners: [
        partnerRecord("C1", { CreditLimit: 1000, CurrentAccountBalance: 300.5, OpenOrdersBalance: 100 }),
        partnerRecord("C2", { PriceListNum: 2, Currency: "$" }),
        partnerRecord("C3", { Frozen: "tYES", Valid: "tNO", Currency: "##" }),
        partnerRecord("S1", { CardType: "cSupplier" }),
      ],
      SpecialPrices: [
        specialRecord("A-1", "C1", 80, { SpecialPriceDataAreas: [periodRecord("2026-01-01", null, { 10: 70 }, 80)] }),
      ],
      PriceLists: [
        { PriceListNo: 1, IsGrossPrice: "tNO", ValidFrom: null, ValidTo: null },
        { PriceListNo: 2, IsGrossPrice: "tNO", ValidFrom: null, ValidTo: null },
        { PriceListNo: 3, IsGrossPrice: "tYES", ValidFrom: null, ValidTo: null },
      ],
      Currencies: [
        { Code: "EUR", DocumentsCode: "EUR" },
        { Code: "$", DocumentsCode: "USD" },
      ],
      VatGroups: [
        {
          Code: "C1",
          VatGroups_Lines: [
            { Effectivefrom: "2000-01-01", Rate: 19.6 },
            { Effectivefrom: "2014-01-01", Rate: 20 },
          ],
        },
        { Code: "C2", VatGroups_Lines: [{ Effectivefrom: "2000-01-01", Rate: 5.5 }] },
      ],
      PaymentTermsTypes: [{ GroupNumber: -1, PaymentTermsGroupName: "30 days" }],
      Warehouses: [{ WarehouseCode: "01" }, { WarehouseCode: "02" }],
    },
    fault: () => null,
    hold: null,
  };
}

export interface TestB1 {
  readonly connector: Connector;
  readonly fake: FakeB1;
  readonly clock: VirtualClock;
  /** What was logged, each line with its fields. */
  readonly logged: unknown[];
}

export async function createTestB1(
  books: B1Books = b1Books(),
  options: Partial<B1Options> = {},
  version: "v1" | "v2" = "v2",
): Promise<TestB1> {
  const clock = new VirtualClock();
  const fake = await startFakeB1(books, () => clock.now());
  const logged: unknown[] = [];
  const note = (...line: unknown[]) => void logged.push(line);
  const connector = createB1Connector({
    ...{
      url: new URL(`/b1s/${version}`, fake.url),
      companyDb: "SBODEMOFR",
      user: "pricelane",
      password: "the-password",
    },
    ...{ publicPriceList: 1, publicCustomer: null, warehouses: null, localCurrency: null, discount: null },
    ...{ timeZone: "Europe/Paris", maxConcurrency: 4, timeoutMs: 5000, clock, log: { info: note, warn: note } },
    ...options,
  });
  return { connector, fake, clock, logged };
}
