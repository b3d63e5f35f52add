import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, GraphQLClient } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { problem } from "../support/port-answers.js";
import { PortFake } from "../support/port-fake.js";
import { RunningRedis } from "../support/redis.js";
import { fillBook, skus } from "./book.js";
import { erpToken } from "./scenario.js";

/** Of the ERP's own word, so that each page costs a call. */
const page = "query ($skus: [ID!]!) { products(skus: $skus) { price(maxAgeSeconds: 0) { net { amount } } } }";

// Each waits for what it needs to see, for as long as a busy machine takes.
vi.setConfig({ testTimeout: 90_000 });

describeWith("redis", "what one of three replicas learnt of the ERP", () => {
  let erp: PortFake;
  let redis: RunningRedis;
  const replicas: { readonly gateway: GatewayProcess; readonly client: GraphQLClient }[] = [];
  let isErpUp = true;
  let isOver = false;
  const visitors: Promise<void>[] = [];

  beforeAll(async () => {
    erp = await PortFake.start();
    fillBook(erp);
    erp.answer("price", async (_call, regular) => {
      await pause(30);
      return isErpUp ? regular : problem(502);
    });
    redis = await RunningRedis.start();
    await Promise.all([1, 2, 3].map(start));
    for (const { client } of replicas) for (let count = 0; count < 4; count++) visitors.push(visit(client));
  });
  afterAll(async () => {
    isOver = true;
    await Promise.all(visitors);
    await Promise.all(replicas.map(({ gateway }) => gateway.stop()));
    await redis.stop();
    await erp.stop();
  });

  const environment = () => ({
    ...{ ERP_CONNECTOR: "port", ERP_URL: erp.url, ERP_TOKEN: erpToken, AUTH_SECRETS: authSecrets },
    ...{ CHANGES_POLL_SECONDS: "0", VALKEY_URL: redis.url, VALKEY_KEY_SECRET: "of all replicas the same ".repeat(2) },
    ...{ VALKEY_TIMEOUT_MS: "250", FLEET_REPLICAS: "4", ERP_MAX_CONCURRENCY: "12", CALLER_KEYS_PER_SECOND: "0" },
    ...{ ERP_TIMEOUT_MS: "1000", ERP_ABANDON_MS: "500" },
  });

  async function start(): Promise<void> {
    const gateway = await GatewayProcess.start(environment());
    replicas.push({ gateway, client: new GraphQLClient(gateway.url) });
  }

  async function visit(client: GraphQLClient): Promise<void> {
    while (!isOver) {
      await client.ask(page, { variables: { skus: skus(2) } }).catch(() => null);
      await pause(20);
    }
  }

  /** When each replica's breaker for prices closed last, in ms since the epoch. */
  const closedAt = () =>
    replicas.map(({ gateway }) => {
      const lines = gateway.logs as unknown as { msg: string; kind?: string; state?: string; time: string }[];
      const last = lines.findLast(({ msg, kind }) => msg.includes("circuit breaker changed") && kind === "price");
      return last?.state === "closed" ? Date.parse(last.time) : null;
    });

  test("how it is at ease is where one that starts begins", async () => {
    const line = ({ msg }: { msg: string }) => msg.includes("begins with how the ERP is at ease");
    const hasShare = ({ msg }: { msg: string }) => msg.includes("has a share of the ERP's limit");
    /** A replica more, for as long as it takes to reach the store. */
    const beginsSo = async () => {
      const starter = await GatewayProcess.start(environment());
      await eventually("it reached the store", () => starter.logs.some(hasShare));
      const hasBegun = starter.logs.some(line);
      await starter.stop();
      return hasBegun;
    };
    await eventually("one begins with what others learnt", beginsSo, { withinMs: 60_000, everyMs: 1_000 });
    expect(
      replicas.some(({ gateway }) => gateway.logs.some(line)),
      "the first had nobody to learn from",
    ).toBe(false);
  });

  test("that it is out has them try it by turns, and that it is back, go on at once", async () => {
    isErpUp = false;
    await pause(16_000); // until each waits as long as it will
    erp.forgetCalls();
    await pause(30_000);
    const trials = erp.count("price");
    console.info(JSON.stringify({ trials, seconds: 30, replicas: 3 }));
    // Alone each makes two or three, ten seconds apart.
    expect(trials).toBeGreaterThan(0);
    expect(trials).toBeLessThanOrEqual(5);
    isErpUp = true;
    await eventually("all go on", () => closedAt().every((at) => at !== null), { withinMs: 25_000, everyMs: 50 });
    const instants = closedAt() as number[];
    const apartMs = Math.max(...instants) - Math.min(...instants);
    console.info(JSON.stringify({ apartMs }));
    expect(apartMs).toBeLessThan(2_000);
  });
});
