import type { Money, Price } from "./answer.js";
import { formatInstant, formatMoney, formatQuantity } from "./format.js";
import { fillIn, messagesOf } from "./messages.js";
import type { Shown } from "./page-prices.js";
import { part } from "./parts.js";

/** How an element shows its price. */
export interface ViewOptions {
  readonly locale: string;
  /** `data-tax`, `data-tax-label`, `data-decimals`, `data-ladder`. */
  readonly data: DOMStringMap;
}

/** What the attribute `state` says. */
export function stateOf(shown: Shown): string {
  if (shown.kind !== "price") return shown.kind;
  if (shown.isLastKnown) return "last-known";
  return shown.price.audience === "CUSTOMER" ? "own" : "public";
}

/** Nodes in place of the guest's price. */
export function viewOf(shown: Shown, options: ViewOptions): Node[] {
  const messages = messagesOf(options.locale);
  if (shown.kind === "on-request") return [part("value", messages.onRequest)];
  if (shown.kind !== "price") return [part("value", "…")];
  const { price, isLastKnown } = shown;
  const extras = [perOf(price, options), taxOf(price, options)].filter((text) => text !== "");
  const when = isLastKnown ? formatInstant(price.freshness.computedAt, options.locale, Date.now()) : null;
  return [
    part("value", amountOf(price, options), "bdi"),
    ...extras.map((text) => part("unit", ` ${text}`)),
    ...(when === null ? [] : [part("note", fillIn(messages.lastKnown, { when }))]),
    ...ladderOf(price, options),
  ];
}

function amountOf({ net, gross }: { net: Money; gross: Money | null }, { locale, data }: ViewOptions): string {
  const money = (data["tax"] === "gross" ? gross : net) ?? net;
  const { decimals = "" } = data;
  return formatMoney(money, locale, /^[0-6]$/.test(decimals) ? Number(decimals) : 0);
}

/** A price per hundred never passes for one of a piece. */
function perOf({ priceUnit, unit }: Price, { locale }: ViewOptions): string {
  if (/^1(\.0+)?$/.test(priceUnit)) return "";
  return fillIn(messagesOf(locale).per, { count: formatQuantity(priceUnit, locale), unit: unit ?? "" });
}

/** A price before tax never passes for one with tax. */
function taxOf({ gross }: Price, { locale, data }: ViewOptions): string {
  const wantsGross = data["tax"] === "gross";
  const isMissing = wantsGross && gross === null;
  if (!isMissing && data["taxLabel"] === undefined) return "";
  return messagesOf(locale)[wantsGross && !isMissing ? "gross" : "net"];
}

function ladderOf({ tiers }: Price, options: ViewOptions): Node[] {
  if (options.data["ladder"] === undefined || tiers.length === 0) return [];
  const list = part("ladder", "", "ul");
  for (const tier of tiers) {
    const count = formatQuantity(tier.minimumQuantity, options.locale);
    const row = part("tier", `${fillIn(messagesOf(options.locale).from, { count })} `, "li");
    row.append(part("tier-value", amountOf(tier, options), "bdi"));
    list.append(row);
  }
  return [list];
}
