import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import type { Listen } from "../support/contender.js";
import { createContextFactory, type PeerContext, resolvers, typeDefs } from "./catalogue.js";

export const listen: Listen = async (products) => {
  const createContext = createContextFactory(products);
  const server = new ApolloServer<PeerContext>({ typeDefs, resolvers });
  const { url } = await startStandaloneServer(server, {
    listen: { host: "127.0.0.1", port: 0 },
    context: async () => createContext(),
  });
  return new URL(url);
};
