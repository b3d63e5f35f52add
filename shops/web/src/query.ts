/** What is asked about an SKU: one field of `Product`. */
export interface Topic {
  readonly name: "price" | "stock";
  /** Its arguments and selection; `$q` stands for the quantity. */
  readonly selection: string;
}

/** What one element on the page wants to know. */
export interface Wish {
  readonly sku: string;
  readonly topic: Topic;
  /** A decimal in a string, such as "1"; empty where the topic knows no quantity. */
  readonly quantity: string;
}

/** SKUs that one thing is asked about. */
export interface Group {
  readonly topic: Topic;
  readonly quantity: string;
  readonly skus: string[];
}

/** The gateway's MAX_SKUS, in one list. */
const maxSkus = 200;
/** In one request over all its lists: prices and stock of one full list. Below the gateway's MAX_KEYS_PER_REQUEST. */
const maxKeys = 400;
/** Below the gateway's 30 root fields. */
const maxGroups = 20;

/** Requests that answer all wishes, each SKU once for a topic and quantity; one as long as its bounds allow. */
export function toRequests(wishes: readonly Wish[]): Group[][] {
  const requests: Group[][] = [];
  for (const wish of wishes) {
    if (requests.some((groups) => isAskedBy(groups, wish))) continue;
    const { sku, topic, quantity } = wish;
    const groupIn = (groups: Group[]) =>
      groups.find((each) => each.quantity === quantity && each.skus.length < maxSkus);
    let groups = requests.find(
      (each) => each.flatMap(({ skus }) => skus).length < maxKeys && (groupIn(each) || each.length < maxGroups),
    );
    if (!groups) {
      groups = [];
      requests.push(groups);
    }
    const group = groupIn(groups);
    if (group) group.skus.push(sku);
    else groups.push({ topic, quantity, skus: [sku] });
  }
  return requests;
}

/** Of one quantity is one topic: none of a price is empty. */
export const isAskedBy = (groups: readonly Group[], { sku, quantity }: Wish) =>
  groups.some((group) => group.quantity === quantity && group.skus.includes(sku));

/** One document for one shape of request, so that the gateway need not parse each anew. */
export function toBody(groups: readonly Group[]): { query: string; variables: Record<string, unknown> } {
  const variables: Record<string, unknown> = {};
  const declared: string[] = [];
  const roots = groups.map(({ topic: { name, selection }, quantity, skus }, at) => {
    variables[`s${at}`] = skus;
    declared.push(`$s${at}:[ID!]!`);
    if (quantity) {
      variables[`q${at}`] = quantity;
      declared.push(`$q${at}:Decimal!`);
    }
    return `r${at}:products(skus:$s${at}){sku ${name}${selection.replace("$q", `$q${at}`)}}`;
  });
  return { query: `query Shown(${declared.join()}){${roots.join(" ")}}`, variables };
}
