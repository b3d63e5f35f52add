/** What an order takes from its customer before it prices a line. */
export interface Terms {
  /** The customer's name in ERPNext; null for the public, and for all of a price scope. */
  readonly customer: string | null;
  readonly priceList: string;
  readonly customerGroup: string | null;
  readonly territory: string | null;
}
