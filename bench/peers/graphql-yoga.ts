import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSchema, createYoga } from "graphql-yoga";
import type { Listen } from "../support/contender.js";
import { createContextFactory, resolvers, typeDefs } from "./catalogue.js";

export const listen: Listen = async (products) => {
  const createContext = createContextFactory(products);
  const yoga = createYoga({ schema: createSchema({ typeDefs, resolvers }), context: createContext });
  const server = createServer(yoga).listen(0, "127.0.0.1");
  await once(server, "listening");
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`);
};
