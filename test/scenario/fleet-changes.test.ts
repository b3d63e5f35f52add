import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, GraphQLClient } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { json } from "../support/port-answers.js";
import { PortFake } from "../support/port-fake.js";
import { RunningRedis } from "../support/redis.js";
import { fillBook, skus } from "./book.js";
import { readMetric } from "./read-metric.js";
import { erpToken } from "./scenario.js";

const page = "query ($skus: [ID!]!) { products(skus: $skus) { price { net { amount } } } }";

// Each waits for what it needs to see, for as long as a busy machine takes.
vi.setConfig({ testTimeout: 60_000 });

describeWith("redis", "three replicas over an ERP that tells what changed", () => {
  let erp: PortFake;
  let redis: RunningRedis;
  let replicas: { readonly gateway: GatewayProcess; readonly client: GraphQLClient }[];
  const changed: { kind: string; sku: string }[] = [];

  beforeAll(async () => {
    erp = await PortFake.start();
    fillBook(erp);
    erp.answer("other", ({ path }) => {
      const since = new URL(path, "http://erp").searchParams.get("since");
      const next = String(changed.length);
      return json({ changes: since === null ? [] : changed.slice(Number(since)), next, more: false });
    });
    redis = await RunningRedis.start();
    replicas = await Promise.all([1, 2, 3].map(start));
  });
  afterAll(async () => {
    await Promise.all(replicas.map(({ gateway }) => gateway.stop()));
    await redis.stop();
    await erp.stop();
  });

  async function start() {
    const gateway = await GatewayProcess.start({
      ...{ ERP_CONNECTOR: "port", ERP_URL: erp.url, ERP_TOKEN: erpToken, AUTH_SECRETS: authSecrets },
      ...{ CHANGES_POLL_SECONDS: "1", VALKEY_URL: redis.url, VALKEY_KEY_SECRET: "of all replicas the same ".repeat(2) },
      ...{ VALKEY_TIMEOUT_MS: "250", FLEET_REPLICAS: "3", ERP_TIMEOUT_MS: "500", ERP_ABANDON_MS: "500" },
      ...{ PRICE_FRESH_SECONDS: "600", STOCK_FRESH_SECONDS: "600" },
    });
    return { gateway, client: new GraphQLClient(gateway.url) };
  }

  const askers = async () => {
    const asks = await Promise.all(
      replicas.map(({ gateway }) => readMetric(gateway.url, "pricelane_changes_asked_here")),
    );
    return replicas.filter((_, index) => asks[index] === 1);
  };
  const untilAskers = (count: number) =>
    eventually(`${count} ask`, async () => (await askers()).length === count, { withinMs: 20_000, everyMs: 100 });
  const priceAt = async ({ client }: { client: GraphQLClient }) => {
    const answer = await client.ask(page, { variables: { skus: skus(2) } });
    return answer.at("products.1.price.net.amount");
  };

  /** Has the ERP change a price that all of them keep, and waits until none tells the old one. */
  async function change(price: string): Promise<void> {
    const before = await Promise.all(replicas.map(priceAt));
    expect(before).not.toContain(price);
    erp.prices.set("|SKU-2", { unitPrice: price, taxRate: "20", tiers: [] });
    // Each that begins to ask for itself forgets once more what it may not have been told of.
    const isCalm = (await askers()).length === 1;
    if (isCalm) expect(await Promise.all(replicas.map(priceAt)), "it is kept").toEqual(before);
    changed.push({ kind: "price", sku: "SKU-2" });
    const isTold = async () => (await Promise.all(replicas.map(priceAt))).every((told) => told === price);
    await eventually(`all tell ${price}`, isTold, { withinMs: 10_000, everyMs: 100 });
  }

  test("one asks, once a second, and all tell the new price", async () => {
    await untilAskers(1);
    erp.forgetCalls();
    await pause(5_000);
    const polls = erp.calls.filter(({ path }) => path.startsWith("/v1/changes")).length;
    console.info(JSON.stringify({ polls, seconds: 5, replicas: 3 }));
    expect(polls).toBeGreaterThanOrEqual(3);
    expect(polls).toBeLessThanOrEqual(6);
    await change("2.21");
  });

  test("another one asks where that one is stopped (SIGSTOP), and goes on from where it was; one alone once it is back", async () => {
    const [leader] = await askers();
    leader?.gateway.signal("SIGSTOP");
    const all = replicas;
    replicas = all.filter((replica) => replica !== leader);
    await change("2.22");
    expect(await askers()).toHaveLength(1);
    leader?.gateway.signal("SIGCONT");
    replicas = all;
    await untilAskers(1);
    await eventually("it tells the new price, too", async () => (await priceAt(leader as never)) === "2.22");
    await change("2.23");
  });

  test("another one asks where that one is killed", async () => {
    const [leader] = await askers();
    replicas = replicas.filter((replica) => replica !== leader);
    await leader?.gateway.stop("SIGKILL");
    await change("2.24");
    expect(await askers()).toHaveLength(1);
  });

  test("one that starts asks nothing, and hears what changes", async () => {
    replicas.push(await start());
    await untilAskers(1);
    await change("2.25");
    expect(await askers()).not.toContain(replicas.at(-1));
  });

  test("each asks for itself while the store is away, and one for all once it is back, empty", async () => {
    await redis.kill();
    await untilAskers(3);
    await change("2.26");
    await redis.restart();
    await untilAskers(1);
    await change("2.27");
  });

  test("each asks for itself where the store will not be written to, and the log says why", async () => {
    await setMemory(redis.port, "1");
    await untilAskers(3);
    await change("2.28");
    for (const { gateway } of replicas)
      expect(gateway.logs.filter(({ msg }) => msg.includes("is it full, or read-only?")).length).toBeGreaterThan(0);
    await setMemory(redis.port, "0");
    await untilAskers(1);
    await change("2.29");
  });
});

async function setMemory(port: number, bytes: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.write(`CONFIG SET maxmemory ${bytes}\r\n`);
  const [said] = await once(socket, "data");
  expect(String(said)).toBe("+OK\r\n");
  socket.destroy();
}
