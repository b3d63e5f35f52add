import type { RecordedProduct } from "./contender.js";

/** Eight fields of a price with its tiers, and its stock; nothing that differs from one second to the next, such as an age. */
export const pageDocument = `query Page($skus: [ID!]!) {
  products(skus: $skus) {
    sku
    price {
      net { amount currency }
      gross { amount }
      taxRate
      unit
      priceUnit
      minimumQuantity
      tiers { minimumQuantity net { amount } }
      freshness { source }
    }
    stock { status available }
  }
}`;

/** Pages that take turns, so that nobody wins by keeping one whole answer. */
export const pageCount = 8;

/** One page of a shop, as it is posted, and the bytes that answer it, without a line end after them. */
export interface Page {
  readonly body: string;
  readonly answer: string;
}

export interface Workload {
  readonly skus: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly pages: readonly Page[];
  /** All that stand on the pages. */
  readonly products: readonly RecordedProduct[];
}

/**
 * Fills the gateway's cache with the pages of one size and records what it answers from it.
 * @throws {Error} where an answer is not what the workload promises: everything known, cached, with three tiers
 */
export async function recordWorkload(
  url: URL,
  token: string,
  skus: readonly string[],
  size: number,
): Promise<Workload> {
  const headers = { "content-type": "application/json", authorization: `Bearer ${token}` };
  const pages: Page[] = [];
  const products: RecordedProduct[] = [];
  for (let page = 0; page < pageCount; page++) {
    const wanted = skus.slice(page * size, (page + 1) * size);
    const body = JSON.stringify({ query: pageDocument, variables: { skus: wanted } });
    await post(url, headers, body);
    const answer = await post(url, headers, body);
    pages.push({ body, answer });
    products.push(...parseProducts(answer, wanted));
  }
  return { skus: size, headers, pages, products };
}

async function post(url: URL, headers: Record<string, string>, body: string): Promise<string> {
  const response = await fetch(url, { method: "POST", headers, body });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${url} answered HTTP ${response.status}: ${text.slice(0, 500)}`);
  return text.trimEnd();
}

interface AnsweredProduct extends RecordedProduct {
  readonly price: { readonly tiers: readonly unknown[]; readonly freshness: { readonly source: string } } | null;
  readonly stock: object | null;
}

function parseProducts(answer: string, wanted: readonly string[]): AnsweredProduct[] {
  const { data, errors } = JSON.parse(answer) as { data?: { products: AnsweredProduct[] }; errors?: unknown };
  const products = data?.products ?? [];
  const isWhole = errors === undefined && products.length === wanted.length && products.every(isAsPromised);
  if (!isWhole) throw new Error(`the gateway does not answer the workload from its cache: ${answer.slice(0, 1000)}`);
  return products;
}

function isAsPromised({ price, stock }: AnsweredProduct): boolean {
  return price !== null && stock !== null && price.freshness.source === "CACHE" && price.tiers.length === 3;
}
