export interface DemoCustomer {
  /** The ERP's code: the `sub` of this customer's token. */
  readonly code: string;
  /** What is special about its prices. */
  readonly about: string;
}

/** Three of the 300, one of each kind of price. */
export const demoCustomers: readonly DemoCustomer[] = [
  {
    code: "C0004",
    about: "Price list INDUSTRIE, shared with others: percentages by family and three quantity breaks.",
  },
  {
    code: "C0001",
    about: "Price list INSTALLATEUR, shared with others: percentages by family, the same at any quantity.",
  },
  {
    code: "C0005",
    about: "Prices of its own, agreed by contract: no other customer pays them; some SKUs at fixed net prices.",
  },
];
