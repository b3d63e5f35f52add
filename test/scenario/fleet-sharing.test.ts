import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer, GraphQLClient, mintToken } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { PortFake } from "../support/port-fake.js";
import { RunningRedis } from "../support/redis.js";
import { fillBook, skus } from "./book.js";
import { readMetric } from "./read-metric.js";
import { erpToken } from "./scenario.js";

const page = `query ($skus: [ID!]!) { products(skus: $skus) {
  price { net { amount } freshness { source } } stock { available freshness { source } }
} }`;
const mutation = "mutation ($input: InvalidateInput!) { invalidate(input: $input) { forgotten unconfirmed } }";

describeWith("redis", "three replicas with a store between them", () => {
  let erp: PortFake;
  let redis: RunningRedis;
  let replicas: { readonly gateway: GatewayProcess; readonly client: GraphQLClient }[];

  beforeAll(async () => {
    erp = await PortFake.start();
    fillBook(erp);
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
      ...{ CHANGES_POLL_SECONDS: "0", VALKEY_URL: redis.url, VALKEY_KEY_SECRET: "of all replicas the same ".repeat(2) },
      ...{ VALKEY_TIMEOUT_MS: "250", FLEET_REPLICAS: "3", ERP_TIMEOUT_MS: "500", ERP_ABANDON_MS: "500" },
    });
    await eventually("it reached the store", () =>
      gateway.logs.some(({ msg }) => msg.includes("shared store answers")),
    );
    expect(await readMetric(gateway.url, "pricelane_erp_share"), "ready is who may ask the ERP").toBeGreaterThan(0);
    return { gateway, client: new GraphQLClient(gateway.url) };
  }

  const clientOf = (index: number) => replicas[index]?.client as GraphQLClient;
  async function view(index: number, codes: string[], customer: string | null = null) {
    const token = customer === null ? {} : { token: buyer(customer) };
    const answer = await clientOf(index).ask(page, { ...token, variables: { skus: codes } });
    expect(answer.errors).toEqual([]);
    return codes.map((_, position) => answer.at(`products.${position}.price.net.amount`));
  }
  const invalidate = async (index: number, input: unknown) => {
    const token = mintToken({ scope: "invalidate" });
    return (await clientOf(index).ask(mutation, { token, variables: { input } })).at("invalidate.unconfirmed");
  };
  const pricesAsked = () => erp.calls.flatMap(({ lines }) => lines.map(({ sku }) => sku)).sort();

  test("the same page at once in all three is asked of the ERP once, for the public and for a buyer", async () => {
    for (const customer of [null, "C1"]) {
      erp.forgetCalls();
      const views = await Promise.all([0, 1, 2].map((index) => view(index, skus(5), customer)));
      expect(new Set(views.map((amounts) => amounts.join())).size).toBe(1);
      expect(pricesAsked()).toEqual(skus(5).sort());
      const stockAsked = erp.calls.flatMap((call) => call.skus);
      expect(stockAsked.length).toBe(new Set(stockAsked).size);
      expect(erp.count("customer")).toBe(customer === null ? 0 : 1);
    }
  });

  test("what is invalidated in one is new in all, and nobody is left out once the store has settled", async () => {
    for (const index of [0, 1, 2]) await view(index, skus(3));
    erp.prices.set("|SKU-2", { unitPrice: "2.22", taxRate: "20", tiers: [] });
    await eventually(
      "the store knows who is there",
      async () => {
        return ((await invalidate(0, { skus: ["SKU-2"] })) as string[]).length === 0;
      },
      { withinMs: 20_000, everyMs: 500 },
    );
    erp.forgetCalls();
    for (const index of [1, 2, 0]) expect((await view(index, skus(3)))[1]).toBe("2.22");
    expect(pricesAsked()).toEqual(["SKU-2"]);
  });

  test("a replica that was killed is named, and the others go on", async () => {
    const killed = replicas.pop();
    await killed?.gateway.stop("SIGKILL");
    const unconfirmed = await invalidate(0, { skus: ["SKU-1"] });
    expect(unconfirmed).toEqual([expect.stringMatching(/^[\w-]{16}$/)]);
    await view(1, skus(3));
  });

  test("without the store every page is answered, and an invalidation says that it reached nobody else", async () => {
    await redis.kill();
    await invalidate(0, { all: true });
    expect(await invalidate(1, { all: true })).toEqual(["*"]);
    for (const index of [0, 1]) expect((await view(index, skus(3)))[1]).toBe("2.22");
    await redis.restart();
    const lines = () =>
      replicas.map(({ gateway }) => gateway.logs.filter(({ msg }) => msg.includes("store answers")).length);
    await eventually("both reach it again", () => lines().every((count) => count === 2), { withinMs: 20_000 });
    for (const index of [0, 1]) expect((await view(index, skus(3)))[1]).toBe("2.22");
  });
});
