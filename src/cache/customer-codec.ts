import type { Customer } from "../pricing/customer.js";
import { type CustomerKey, createCustomerKey, verifiedCustomer } from "../pricing/keys.js";
import type { Codec } from "./codec.js";

type TermsPart = readonly [
  currency: string | null,
  priceScope: string | null,
  paymentTerms: string | null,
  blocked: boolean,
  /** Where it is not the key's. */
  code: string | null,
];

/** Of a customer alone are its name and its credit. */
export const customerCodec: Codec<CustomerKey, Customer> = {
  splitKey: () => ({ shared: [], own: [] }),
  // It was verified before it became a name.
  joinKey: (_shared, _own, names) => createCustomerKey(verifiedCustomer(names.customer as string)),
  hasId: (id, _shared, _own, names) => createCustomerKey(verifiedCustomer(names.customer as string)).id === id,

  splitAnswer({ code, name, currency, priceScope, paymentTerms, creditLimit, creditAvailable, blocked }, names) {
    const terms: TermsPart = [currency, priceScope, paymentTerms, blocked, code === names.customer ? null : code];
    return { shared: [terms], own: [name, creditLimit, creditAvailable] };
  },

  joinAnswer([part], own, names) {
    const [currency, priceScope, paymentTerms, blocked, code] = part as TermsPart;
    return {
      code: code ?? (names.customer as string),
      name: own(),
      currency,
      priceScope,
      paymentTerms,
      creditLimit: own(),
      creditAvailable: own(),
      blocked,
    };
  },
};
