/**
 * Why a line or a cart is not simply accepted. A code never changes meaning; the texts that shops show stand in
 * schema/messages, one file a language, under the same keys.
 */
export const reasonCodes = [
  // Of a line's price.
  "PRICE_RAISED",
  "PRICE_DROPPED",
  "PRICE_UNVERIFIED",
  "PRICE_LAST_KNOWN",
  "CURRENCY_MISMATCH",
  "QUANTITY_BELOW_MINIMUM",
  "QUANTITY_OFF_INCREMENT",
  "SKU_UNKNOWN",
  // Of the quote that came with a line.
  "QUOTE_EXPIRED",
  "QUOTE_FOREIGN",
  "QUOTE_INVALID",
  "QUOTE_OTHER_LINE",
  // Of a line's stock.
  "STOCK_PARTIAL",
  "STOCK_BACKORDER",
  "STOCK_OUT",
  "STOCK_UNVERIFIED",
  "WAREHOUSE_UNKNOWN",
  // Of the cart.
  "CUSTOMER_BLOCKED",
  "CUSTOMER_UNVERIFIED",
  "CREDIT_EXCEEDED",
  "LINES_REJECTED",
  "LINES_UNVERIFIED",
  "LINES_NEED_CONSENT",
] as const;

export type ReasonCode = (typeof reasonCodes)[number];

/** The key of the text to show, such as "cart.price_raised". */
export function messageKeyOf(code: ReasonCode): string {
  return `cart.${code.toLowerCase()}`;
}
