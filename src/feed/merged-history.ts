import { compareDecimals } from "../pricing/decimal.js";
import { lookBackMs, type PastPrice, type PriceHistory } from "./price-history.js";

/** What two journals know of an SKU's prices together; one history a currency. The same two in either order make the same. */
export function mergeHistories(ours: readonly PriceHistory[], theirs: readonly PriceHistory[]): PriceHistory[] {
  const merged = new Map(ours.map((history) => [history.currency, history]));
  for (const history of theirs) {
    const known = merged.get(history.currency);
    merged.set(history.currency, known === undefined ? history : mergeTwo(known, history));
  }
  return [...merged.values()].sort((one, other) => (one.currency < other.currency ? -1 : 1));
}

function mergeTwo(one: PriceHistory, other: PriceHistory): PriceHistory {
  const [newer, older] = isNewer(one, other) ? [one, other] : [other, one];
  // Amounts for another measure compare with none of the present one.
  if (newer.measure !== older.measure) return newer;
  const present = newer.prices.at(-1) as PastPrice;
  // What the older one took for the present price was so when it was said; from when the newer one watched, it knows itself.
  const ended = Math.max(older.saidAt, newer.since);
  const past = [
    ...newer.prices.slice(0, -1),
    ...older.prices.map(({ net, until }) => ({ net, until: Math.min(until ?? ended, newer.saidAt) })),
  ];
  const isSamePresent = compareDecimals((older.prices.at(-1) as PastPrice).net, present.net) === 0;
  const prior = isSamePresent ? lower(newer.prior, older.prior) : newer.prior;
  const lasting = lastingOf(past, present);
  // All of these ended before the present one began.
  const lowest = lasting.find(({ until }) => (until as number) > newer.saidAt - lookBackMs);
  return {
    ...newer,
    since: Math.min(newer.since, older.since),
    prices: [...lasting, present],
    prior: prior === null || lowest === undefined ? prior : lower(prior, lowest.net),
  };
}

function isNewer(one: PriceHistory, other: PriceHistory): boolean {
  if (one.saidAt !== other.saidAt) return one.saidAt > other.saidAt;
  return JSON.stringify(one) >= JSON.stringify(other); // any order will do, if it is the same everywhere
}

/** Those that may still be the lowest of a window: each lower than all that ended later. */
function lastingOf(past: readonly { readonly net: string; readonly until: number | null }[], present: PastPrice) {
  const latestFirst = [...past].sort(
    (one, other) => (other.until as number) - (one.until as number) || compareDecimals(one.net, other.net),
  );
  const lasting: PastPrice[] = [];
  let lowest = present.net;
  for (const price of latestFirst) {
    if (compareDecimals(price.net, lowest) >= 0) continue;
    lasting.unshift(price);
    lowest = price.net;
  }
  return lasting;
}

function lower(one: string | null, other: string | null): string | null {
  if (one === null || other === null) return one ?? other;
  return compareDecimals(one, other) <= 0 ? one : other;
}
