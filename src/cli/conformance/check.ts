import type { Port } from "./port.js";

/** What the checks ask about. */
export interface Samples {
  /** At least one, that are for sale. */
  readonly skus: readonly string[];
  /** Codes of customers; may be none. */
  readonly customers: readonly string[];
  /** Sent as the bearer token; null where the port asks for none. */
  readonly token: string | null;
}

/** One promise of the port, and how it is found out whether it is kept. */
export interface Check {
  /** Stable, for scripts. */
  readonly id: string;
  readonly promise: string;
  /** @returns what is wrong, nothing where the promise is kept; or why it could not be checked */
  run(port: Port, samples: Samples): Promise<readonly string[] | Skipped>;
}

export class Skipped {
  readonly why: string;
  constructor(why: string) {
    this.why = why;
  }
}

/** Codes that no ERP has. */
export const noSku = "PRICELANE-NO-SUCH-SKU";
export const noCustomer = "PRICELANE-NO-SUCH-CUSTOMER";

/** What a form, a path or a query string may break on. */
export const oddText = 'PRICELANE L\'É/"x" %2F+&';
