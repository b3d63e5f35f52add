import { pathToFileURL } from "node:url";
import { repositoryPath } from "../child.js";
import { type Contender, inOwnProcess } from "../contender.js";

/** GraphQL servers as their users set them up, over the recorded objects; compiled apart, beside the packages they need. */
export const peers: readonly Contender[] = [
  peer("mercurius-jit", "mercurius, JIT", "mercurius with `jit: 1` on Fastify, DataLoader"),
  peer("apollo-standalone", "Apollo", "@apollo/server, `startStandaloneServer`, graphql-js, DataLoader"),
  peer("apollo-fastify", "Apollo on Fastify", "@apollo/server with @as-integrations/fastify, graphql-js, DataLoader"),
  peer("graphql-yoga", "graphql-yoga", "graphql-yoga on node:http, graphql-js, DataLoader"),
];

function peer(file: string, name: string, about: string): Contender {
  return inOwnProcess(pathToFileURL(repositoryPath(`bench/dist/peers/${file}.js`)).href, name, about);
}
