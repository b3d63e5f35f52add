import { registerEnumType } from "type-graphql";

export enum CartVerdict {
  ACCEPT = "ACCEPT",
  NEEDS_CONSENT = "NEEDS_CONSENT",
  REJECT = "REJECT",
  UNVERIFIED = "UNVERIFIED",
}

registerEnumType(CartVerdict, {
  name: "CartVerdict",
  description:
    "What the shop does with the order. Where several hold: REJECT, UNVERIFIED, NEEDS_CONSENT, ACCEPT, in this order. BACKORDER alone is ACCEPT.",
  valuesConfig: {
    ACCEPT: { description: "Place the order." },
    NEEDS_CONSENT: { description: "The buyer must see a risen price or a smaller quantity first." },
    REJECT: {
      description:
        "Some line cannot be sold, the customer is blocked, or the gross total is over `creditAvailable` (the net total where no tax is told).",
    },
    UNVERIFIED: { description: "The ERP could not be asked, for some line at least." },
  },
});

export enum PriceVerdict {
  UNCHANGED = "UNCHANGED",
  DROPPED = "DROPPED",
  RAISED = "RAISED",
  QUOTED = "QUOTED",
  QUANTITY_NOT_ALLOWED = "QUANTITY_NOT_ALLOWED",
  UNKNOWN_SKU = "UNKNOWN_SKU",
  UNVERIFIED = "UNVERIFIED",
}

registerEnumType(PriceVerdict, {
  name: "PriceVerdict",
  description: "What became of the price that the buyer was shown.",
  valuesConfig: {
    UNCHANGED: { description: "It is what was shown, or nothing was." },
    DROPPED: { description: "It is lower than what was shown, and passed on." },
    RAISED: { description: "It is higher than what was shown: the buyer must consent." },
    QUOTED: {
      description:
        "It stands under a valid quote: the lower of quote and live price is charged. With the price source down a quote still holds, while stock stays UNVERIFIED.",
    },
    QUANTITY_NOT_ALLOWED: {
      description: "Below `minimumQuantity` or off `quantityIncrement`; the line is rejected.",
    },
    UNKNOWN_SKU: { description: "The ERP has no price for such an SKU; the line is rejected." },
    UNVERIFIED: { description: "It could not be read; `net` is what is last known, where something is." },
  },
});

export enum StockVerdict {
  AVAILABLE = "AVAILABLE",
  BACKORDER = "BACKORDER",
  PARTIAL = "PARTIAL",
  OUT_OF_STOCK = "OUT_OF_STOCK",
  UNKNOWN_SKU = "UNKNOWN_SKU",
  UNVERIFIED = "UNVERIFIED",
}

registerEnumType(StockVerdict, {
  name: "StockVerdict",
  description: "Whether the line can be had. Lines of one SKU share its stock, in their order.",
  valuesConfig: {
    AVAILABLE: { description: "All of it is there." },
    BACKORDER: { description: "Not all of it is there, and the ERP takes orders beyond it; see `restockDate`." },
    PARTIAL: { description: "Only `available` is there: the buyer must consent to less." },
    OUT_OF_STOCK: { description: "Nothing is there, or the ERP tells nothing of the warehouse; the line is rejected." },
    UNKNOWN_SKU: { description: "The ERP knows no such SKU; the line is rejected." },
    UNVERIFIED: { description: "It could not be read; stock is never promised from memory." },
  },
});
