import type { Caller } from "../src/pricing/caller.js";
import type { Customer } from "../src/pricing/customer.js";
import { type CustomerKey, createCustomerKey } from "../src/pricing/keys.js";
import type { Ask, Outcome, Source } from "../src/pricing/source.js";

/** Reads the caller's record once, however many fields ask for it. */
export function createCustomerReader(
  customers: Source<CustomerKey, Customer>,
  { customer }: Caller,
  createAsk: (maxAgeMs: number | null) => Ask,
): () => Promise<Outcome<Customer> | null> {
  let reading: Promise<Outcome<Customer> | null> | undefined;

  async function read(): Promise<Outcome<Customer> | null> {
    if (customer === null) return null;
    const [outcome] = await customers.readMany([createCustomerKey(customer)], createAsk(null));
    return outcome as Outcome<Customer>;
  }

  return () => {
    reading ??= read();
    return reading;
  };
}
