import Fastify from "fastify";
import mercurius from "mercurius";
import type { Listen } from "../support/contender.js";
import { createContextFactory, type PeerContext, resolvers, typeDefs } from "./catalogue.js";

declare module "mercurius" {
  interface MercuriusContext {
    readonly prices: PeerContext["prices"];
    readonly stocks: PeerContext["stocks"];
  }
}

export const listen: Listen = async (products) => {
  const createContext = createContextFactory(products);
  const fastify = Fastify();
  // jit: compiled from the first repetition of a document on
  await fastify.register(mercurius, { schema: typeDefs, resolvers, context: createContext, jit: 1 });
  return new URL("/graphql", await fastify.listen({ host: "127.0.0.1", port: 0 }));
};
