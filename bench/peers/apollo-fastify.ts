import { ApolloServer } from "@apollo/server";
import fastifyApollo, { fastifyApolloDrainPlugin } from "@as-integrations/fastify";
import Fastify from "fastify";
import type { Listen } from "../support/contender.js";
import { createContextFactory, type PeerContext, resolvers, typeDefs } from "./catalogue.js";

export const listen: Listen = async (products) => {
  const createContext = createContextFactory(products);
  const fastify = Fastify();
  const apollo = new ApolloServer<PeerContext>({ typeDefs, resolvers, plugins: [fastifyApolloDrainPlugin(fastify)] });
  await apollo.start();
  await fastify.register(fastifyApollo(apollo), { context: async () => createContext() });
  return new URL("/graphql", await fastify.listen({ host: "127.0.0.1", port: 0 }));
};
