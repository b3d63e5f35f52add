/** What one element on the page wants to know. */
export interface Wish {
  readonly sku: string;
  /** A decimal in a string, such as "1". */
  readonly quantity: string;
}

/** SKUs that are asked at one quantity. */
export interface Group {
  readonly quantity: string;
  readonly skus: readonly string[];
}

/** The gateway's MAX_SKUS, in one request over all its groups. */
export const maxSkus = 200;
/** Below the gateway's 30 root fields. */
const maxGroups = 20;

/** The fewest requests that answer all wishes, each SKU once for a quantity. */
export function toRequests(wishes: readonly Wish[]): Group[][] {
  const groups = [...groupBy(wishes, ({ quantity }) => quantity)].flatMap(([quantity, alike]) =>
    slices([...new Set(alike.map(({ sku }) => sku))]).map((skus) => ({ quantity, skus })),
  );
  const requests: Group[][] = [];
  let taken = maxSkus;
  for (const group of groups) {
    taken += group.skus.length;
    if (taken > maxSkus || requests.at(-1)?.length === maxGroups) {
      requests.push([]);
      taken = group.skus.length;
    }
    requests.at(-1)?.push(group);
  }
  return requests;
}

const money = "{amount currency}";
const priceFields =
  `{audience net${money} gross${money} priceUnit unit ` +
  `tiers{minimumQuantity net${money} gross${money}} freshness{computedAt staleReason}}`;

/** One document for one shape of request, so that the gateway need not parse each anew. */
export function toBody(groups: readonly Group[]): { query: string; variables: Record<string, unknown> } {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const roots = groups.map(({ quantity, skus }, at) => {
    variables[`s${at}`] = skus;
    variables[`q${at}`] = quantity;
    declared.push(`$s${at}:[ID!]!,$q${at}:Decimal!`);
    return `r${at}:products(skus:$s${at}){sku price(quantity:$q${at})${priceFields}}`;
  });
  return { query: `query Shown(${declared.join()}){${roots.join(" ")}}`, variables };
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

function slices(skus: readonly string[]): string[][] {
  return skus.length === 0 ? [] : [skus.slice(0, maxSkus), ...slices(skus.slice(maxSkus))];
}
