import { Pool } from "undici";
import { createRandom, createZipf, drawWait } from "../../erp-load/random.js";
import type { FeedGateway } from "./gateway.js";

const document = `query Page($skus: [ID!]!) {
  products(skus: $skus) {
    sku
    price { net { amount currency } gross { amount } tiers { minimumQuantity net { amount } } freshness { source } }
    stock { status freshness { source } }
  }
}`;
const skusPerPage = 24;

export interface BuyersPlan {
  /** The catalogue's first so many are looked at, by Zipf's law. */
  readonly skus: readonly string[];
  readonly pagesPerSecond: number;
}

/** What a stretch of time brought. */
export interface Browsed {
  /** Of each page, from when it was due, in ms. */
  readonly tookMs: readonly number[];
  /** Likewise of those that waited for no ERP call. */
  readonly hitsMs: readonly number[];
  /** Prices and stocks, and those of them that were answered without waiting for the ERP. */
  readonly keys: number;
  readonly hits: number;
  readonly failed: number;
}

interface Freshness {
  readonly freshness: { readonly source: string };
}

/** Visitors and three customers open pages at random instants, whether earlier ones were answered or not. */
export class Buyers {
  readonly #plan: BuyersPlan;
  readonly #pool: Pool;
  readonly #tokens: readonly (string | null)[];
  readonly #random = createRandom(11);
  readonly #drawSku: () => number;

  constructor({ origin, customerTokens }: FeedGateway, plan: BuyersPlan) {
    this.#plan = plan;
    this.#pool = new Pool(origin, { connections: 64, pipelining: 1 });
    this.#tokens = [null, ...customerTokens];
    this.#drawSku = createZipf(plan.skus.length, this.#random);
  }

  async browse(seconds: number): Promise<Browsed> {
    const seen = { tookMs: [] as number[], hitsMs: [] as number[], keys: 0, hits: 0, failed: 0 };
    const startedAt = performance.now();
    const views: Promise<void>[] = [];
    for (let dueMs = 0; dueMs < seconds * 1000; dueMs += drawWait(1000 / this.#plan.pagesPerSecond, this.#random)) {
      const waitMs = startedAt + dueMs - performance.now();
      if (waitMs > 1) await new Promise((resolve) => setTimeout(resolve, waitMs));
      views.push(this.#view(startedAt + dueMs, seen));
    }
    await Promise.all(views);
    return seen;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  async #view(dueAt: number, seen: { tookMs: number[]; hitsMs: number[]; keys: number; hits: number; failed: number }) {
    const skus = new Set<string>();
    while (skus.size < skusPerPage) skus.add(this.#plan.skus[this.#drawSku()] ?? "");
    const token = this.#tokens[Math.floor(this.#random() * this.#tokens.length)] ?? null;
    const { body } = await this.#pool.request({
      ...{ method: "POST", path: "/graphql" },
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query: document, variables: { skus: [...skus] } }),
    });
    const answer = (await body.json()) as {
      data?: { products: { price: Freshness | null; stock: Freshness | null }[] };
    };
    const tookMs = performance.now() - dueAt;
    const parts = (answer.data?.products ?? []).flatMap(({ price, stock }) => [price, stock]);
    const hits = parts.filter((part) => part !== null && part.freshness.source !== "ERP").length;
    seen.keys += 2 * skusPerPage;
    seen.hits += hits;
    seen.failed += 2 * skusPerPage - parts.filter((part) => part !== null).length;
    seen.tookMs.push(tookMs);
    if (hits === 2 * skusPerPage) seen.hitsMs.push(tookMs);
  }
}
