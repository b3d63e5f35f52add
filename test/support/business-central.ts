import { type BcOptions, createBcConnector } from "../../src/erp/business-central/bc-connector.js";
import type { Connector } from "../../src/pricing/connector.js";
import { type BcBooks, companyId, type FakeBc, startFakeBc } from "./business-central-fake.js";
import type { BcRecord } from "./business-central-filter.js";
import { VirtualClock } from "./virtual-clock.js";

const written = "2026-11-20T10:00:00Z";

export function itemRecord(number: string, unitPrice: number, more: BcRecord = {}): BcRecord {
  return {
    ...{ number, blocked: false, type: "Inventory", inventory: 0, unitPrice, priceIncludesTax: false },
    ...{ baseUnitOfMeasureCode: "PCS", lastModifiedDateTime: written, ...more },
  };
}

export function customerRecord(number: string, more: BcRecord = {}): BcRecord {
  return {
    ...{ number, displayName: `The ${number}`, currencyCode: "EUR", blocked: "_x0020_" },
    ...{ paymentTermsId: "00000000-0000-0000-0000-000000000000", lastModifiedDateTime: written, ...more },
  };
}

export function bcBooks(): BcBooks {
  return {
    secret: "the-secret",
    tokenSeconds: 3599,
    hasExtension: true,
    companies: [
      { id: companyId, name: "CRONUS FR" },
      { id: "99999999-2222-3333-4444-555555555555", name: "My Company" },
    ],
    lists: {
      items: [
        itemRecord("A-1", 100, { inventory: 12.5 }),
        itemRecord("B 'X' & OR", 19.99),
        itemRecord("SERVICE", 50, { type: "Service" }),
        itemRecord("GONE", 1, { blocked: true }),
      ],
      customers: [
        customerRecord("C1", { paymentTermsId: "aaaaaaaa-0000-0000-0000-000000000000" }),
        customerRecord("C2", { currencyCode: "USD" }),
        customerRecord("C3", { blocked: "All" }),
      ],
      companyInformation: [{ currencyCode: "EUR" }],
      paymentTerms: [{ id: "aaaaaaaa-0000-0000-0000-000000000000", code: "30 DAYS" }],
      itemLedgerEntries: [{ itemNumber: "A-1", lastModifiedDateTime: written }],
    },
    ownLists: {
      priceListLines: [{ assetType: "Item", assetNumber: "A-1", lastModifiedDateTime: written }],
      stockByLocation: [
        { itemNumber: "A-1", locationCode: "EAST", quantity: 10.3 },
        { itemNumber: "A-1", locationCode: "WEST", quantity: 2 },
      ],
      ordersByLocation: [
        { itemNumber: "A-1", locationCode: "EAST", quantity: 0.1 },
        { itemNumber: "A-1", locationCode: "WEST", quantity: 5 },
      ],
    },
    prices: [
      { item: "A-1", customer: "C1", from: 0, unitPrice: 80 },
      { item: "A-1", customer: "C1", from: 10, unitPrice: 80, discount: 12.5 },
      { item: "A-1", customer: "C2", from: 0, unitPrice: 90 },
    ],
    fault: () => null,
  };
}

export interface TestBc {
  readonly connector: Connector;
  readonly fake: FakeBc;
  readonly clock: VirtualClock;
}

export async function createTestBc(books: BcBooks = bcBooks(), options: Partial<BcOptions> = {}): Promise<TestBc> {
  const fake = await startFakeBc(books);
  const clock = new VirtualClock();
  const connector = createBcConnector({
    ...{ url: fake.url, loginUrl: fake.url, tenant: "contoso.example", environment: "production" },
    ...{ clientId: "the-client", clientSecret: "the-secret", company: "CRONUS FR", publicCustomer: null },
    ...{ locations: null, taxRate: null, timeZone: "Europe/Paris", maxConcurrency: 5, timeoutMs: 5000 },
    ...{ clock, log: { info: () => undefined }, ...options },
  });
  return { connector, fake, clock };
}
