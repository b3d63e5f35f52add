import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { createApolloServer } from "../../src/http/apollo.js";
import { createExchange } from "../../src/http/exchange.js";
import { createPlainServer } from "../../src/http/http-server.js";
import { anonymous } from "../../src/pricing/caller.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { createMetrics } from "../../src/telemetry/metrics.js";
import { createFreshWorld } from "../schema/fresh-world.js";
import { schema } from "../schema/request.js";

let collect: () => void;

beforeAll(() => {
  setFlagsFromString("--expose-gc");
  collect = runInNewContext("gc") as () => void;
});

test("documents with comments of half a megabyte are not kept in memory, be it for the SKUs that were asked in them", async () => {
  const world = createFreshWorld();
  const parts = { schema, knownPages: null, httpServer: createPlainServer(), drainMs: 10 };
  const apollo = createApolloServer({
    ...parts,
    ...{ isProduction: false, maxDocumentTokens: 200, documentRules: [] },
    ...{ logger: createLogger({ level: "silent" }), metrics: createMetrics({ processMetrics: false }) },
    refuseOperation: () => null,
    writePage: async () => null,
  });
  await apollo.start();
  const heldBytes = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
    return process.memoryUsage().heapUsed;
  };
  const comment = "#".repeat(500_000);
  const before = await heldBytes();
  for (let number = 0; number < 100; number++) {
    // A text that came on its own, as a body does, and an SKU long enough to be told as a part of it.
    const query = JSON.parse(JSON.stringify(`{ product(sku: "?LONG-ENOUGH-${number}") { sku } } ${comment}`)) as string;
    const contextValue = { ...world.contextFor(anonymous), exchange: createExchange("POST", 0) };
    const { body } = await apollo.executeOperation({ query }, { contextValue });
    expect(body).toMatchObject({ singleResult: { data: { product: null } } });
  }
  expect(world.priceCache.size).toBe(100);
  expect((await heldBytes()) - before).toBeLessThan(20_000_000);
  expect(world.priceCache.size).toBe(100); // and is held meanwhile
  await apollo.stop();
});
