import type { Decimal } from "../../pricing/decimal.js";
import { askedCustomer, type PriceKey } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import type { ErpSource } from "../../pricing/source.js";
import { type BcApi, partsPerBatch } from "./bc-api.js";
import { readCustomerPrices } from "./bc-customer-prices.js";
import type { Ground } from "./bc-ground.js";
import { readPublicPrices } from "./bc-public-prices.js";

export interface BcPriceOptions {
  readonly api: BcApi;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
  /** The number of the customer who stands for the public; null for the prices on the items' cards. */
  readonly publicCustomer: string | null;
  readonly taxRate: Decimal | null;
  /** IANA name: a price's days begin and end there. */
  readonly timeZone: string;
}

export function createBcPrices(options: BcPriceOptions): ErpSource<PriceKey, Ladder> {
  const { api, readGround, publicCustomer, taxRate, timeZone } = options;
  const customerOf = ({ scope }: PriceKey) => askedCustomer(scope) ?? publicCustomer;
  return {
    keysPerCall: partsPerBatch,
    // Each part of a batch names its own customer, so all customers can share one.
    groupOf: (key) => (customerOf(key) === null ? "cards" : "customers"),
    async readMany(keys, call) {
      const ground = await readGround(call.signal);
      const asked = keys.flatMap((key) => {
        const customer = customerOf(key);
        return customer === null ? [] : [{ key, customer }];
      });
      if (asked.length === 0) return readPublicPrices(api, ground, taxRate, keys, call);
      return readCustomerPrices({ api, ground, timeZone }, asked, call);
    },
  };
}
