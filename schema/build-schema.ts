import "reflect-metadata";
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from "graphql";
import { buildSchema, type NonEmptyArray } from "type-graphql";
import { CartResolver } from "./cart.resolver.js";
import { EntitiesResolver } from "./federation/entities.resolver.js";
import { FeedResolver } from "./feed.resolver.js";
import { InvalidationResolver } from "./invalidation.resolver.js";
import { ProductResolver } from "./product.resolver.js";
import { ViewerResolver } from "./viewer.resolver.js";

// biome-ignore lint/complexity/noBannedTypes: type-graphql's own name for a resolver class
const resolvers: NonEmptyArray<Function> = [
  ProductResolver,
  ViewerResolver,
  CartResolver,
  InvalidationResolver,
  FeedResolver,
];

/**
 * The schema that shops see. No global middleware: one costs more than all the rest of a cached answer.
 * @param federation "subgraph" adds what a router of Apollo Federation asks its subgraphs
 */
export function createSchema(federation: "off" | "subgraph" = "off"): Promise<GraphQLSchema> {
  // Inputs are checked by scalars and resolvers, which name the value and the mend.
  const all: typeof resolvers = federation === "off" ? resolvers : [...resolvers, EntitiesResolver];
  return buildSchema({ resolvers: all, validate: false });
}

/** As committed in schema/schema.graphql. */
export function printContract(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`;
}
