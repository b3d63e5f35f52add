import type { Money, Price } from "./answer.js";
import type { ViewOptions } from "./element.js";
import { formatInstant, formatMoney, formatQuantity } from "./format.js";
import { fillIn, messagesOf } from "./messages.js";
import type { Shown } from "./page-answers.js";
import { part } from "./parts.js";

/** What the attribute `state` says. */
export function stateOf(shown: Shown): string {
  if (shown.kind !== "price") return shown.kind;
  if (shown.isLastKnown) return "last-known";
  return shown.price.audience === "CUSTOMER" ? "own" : "public";
}

/** Nodes in place of the guest's price. */
export function viewOf(shown: Shown, options: ViewOptions): Node[] {
  const messages = messagesOf(options.locale);
  if (shown.kind !== "price") return [part("value", shown.kind === "on-request" ? messages.onRequest : "…")];
  const { price, isLastKnown } = shown;
  const extras = [perOf(price, options), taxOf(price, options)].filter(Boolean);
  return [
    part("value", amountOf(price, options), "bdi"),
    ...extras.map((text) => part("unit", ` ${text}`)),
    ...(isLastKnown ? [part("note", lastKnownOf(price, options))] : []),
    ...ladderOf(price, options),
  ];
}

function lastKnownOf({ freshness }: Price, { locale }: ViewOptions): string {
  return fillIn(messagesOf(locale).lastKnown, { when: formatInstant(freshness.computedAt, locale) });
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
