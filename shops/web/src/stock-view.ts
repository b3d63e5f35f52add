import type { Stock } from "./answer.js";
import type { ViewOptions } from "./element.js";
import { formatDay, formatDays, formatInstant, formatQuantity } from "./format.js";
import { fillIn, messagesOf } from "./messages.js";
import type { Shown } from "./page-answers.js";
import { part } from "./parts.js";
import type { StockMessages } from "./stock-messages.js";

/** The status in the attribute `state`, then `last-known` where it is: to be matched by `[state~=…]`. */
export function stateOf(shown: Shown): string {
  if (shown.kind !== "stock") return shown.kind;
  const status = shown.stock.status.toLowerCase().replaceAll("_", "-");
  return shown.isLastKnown ? `${status} last-known` : status;
}

export function viewOf(shown: Shown, options: ViewOptions): Node[] {
  const words = messagesOf(options.locale) as unknown as StockMessages;
  if (shown.kind === "on-request") return [part("value", words.unknownStock)];
  if (shown.kind !== "stock") return [part("value", "…")];
  const { stock, isLastKnown } = shown;
  const when = isLastKnown ? formatInstant(stock.freshness.computedAt, options.locale) : "";
  const notes = [comingOf(stock, words, options), when && fillIn(words.asOf, { when })].filter((text) => text !== "");
  return [part("value", wordOf(stock, words, options)), ...notes.map((text) => part("note", ` · ${text}`))];
}

function wordOf({ status, available }: Stock, words: StockMessages, { locale, data }: ViewOptions): string {
  const count = available === null ? "" : formatQuantity(available, locale);
  if (status === "OUT_OF_STOCK") return words.outOfStock;
  if (status === "BACKORDER") return words.backorder;
  if (status !== "IN_STOCK" && status !== "LOW_STOCK") return words.unknownStock;
  if (isLow(status, available, data)) return count ? fillIn(words.countLeft, { count }) : words.lowStock;
  return count && data["count"] !== undefined ? fillIn(words.countInStock, { count }) : words.inStock;
}

/** The page's own bound counts where the quantity is known; else the gateway's, in the status. */
function isLow(status: string, available: string | null, { low }: DOMStringMap): boolean {
  return available !== null && /^\d+$/.test(low ?? "") ? Number(available) <= Number(low) : status === "LOW_STOCK";
}

/** When something comes, told where nothing is there; a day that is over says nothing. */
function comingOf(stock: Stock, words: StockMessages, { locale }: ViewOptions): string {
  const { status, restockDate, leadTimeDays } = stock;
  if (status !== "OUT_OF_STOCK" && status !== "BACKORDER") return "";
  if (restockDate !== null && restockDate >= today()) {
    return fillIn(words.expected, { when: formatDay(restockDate, locale) });
  }
  return leadTimeDays === null ? "" : fillIn(words.available, { when: formatDays(leadTimeDays, locale) });
}

/** By the viewer's calendar. */
function today(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}
