import { readFileSync } from "node:fs";
import DataLoader from "dataloader";
import { repositoryPath } from "../support/child.js";
import type { RecordedProduct } from "../support/contender.js";

/** The gateway's own schema, so that every peer parses, validates and executes against the same types. */
export const typeDefs = readFileSync(repositoryPath("schema/schema.graphql"), "utf8");

export interface PeerContext {
  readonly prices: DataLoader<string, unknown>;
  readonly stocks: DataLoader<string, unknown>;
}

/** Resolvers as one writes them by hand: what a product costs and whether it is there comes from a loader each. */
export const resolvers = {
  Query: {
    products: (_root: unknown, { skus }: { skus: readonly string[] }) => skus.map((sku) => ({ sku })),
  },
  Product: {
    price: ({ sku }: { sku: string }, _args: unknown, { prices }: PeerContext) => prices.load(sku),
    stock: ({ sku }: { sku: string }, _args: unknown, { stocks }: PeerContext) => stocks.load(sku),
  },
};

/** @returns what makes the loaders of one request over the recorded objects */
export function createContextFactory(products: readonly RecordedProduct[]): () => PeerContext {
  const bySku = new Map(products.map((product) => [product.sku, product]));
  const loaderOf = (field: string) =>
    new DataLoader<string, unknown>(async (skus) => skus.map((sku) => bySku.get(sku)?.[field] ?? null));
  return () => ({ prices: loaderOf("price"), stocks: loaderOf("stock") });
}
