import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, type GraphQLAnswer, GraphQLClient, mintToken } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { PortFake } from "../support/port-fake.js";
import { RunningRedis } from "../support/redis.js";
import { fillBook, skus } from "./book.js";
import { readMetric } from "./read-metric.js";
import { erpToken } from "./scenario.js";

const token = mintToken({ scope: "feed" });
const query = `query ($first: Int, $after: String, $changedSince: String) {
  feed(first: $first, after: $after, changedSince: $changedSince) {
    items { sku price { net { amount } } }
    hasNextPage endCursor deltaCursor
  }
}`;
interface Page {
  readonly items: readonly { readonly sku: string; readonly price: { readonly net: { readonly amount: string } } }[];
  readonly hasNextPage: boolean;
  readonly endCursor: string;
  readonly deltaCursor: string | null;
}

vi.setConfig({ testTimeout: 60_000 });

describeWith("redis", "a feed that is read from two replicas", () => {
  let erp: PortFake;
  let redis: RunningRedis;
  let catalogue: PortCatalogue;
  let gateways: GatewayProcess[];

  beforeAll(async () => {
    erp = await PortFake.start();
    fillBook(erp);
    catalogue = new PortCatalogue(erp, skus(60).sort(), true);
    redis = await RunningRedis.start();
    gateways = await Promise.all([start(), start()]);
  });
  afterAll(async () => {
    await Promise.all(gateways.map((gateway) => gateway.stop()));
    await redis.stop();
    await erp.stop();
  });

  function start(): Promise<GatewayProcess> {
    return GatewayProcess.start({
      ...{ ERP_CONNECTOR: "port", ERP_URL: erp.url, ERP_TOKEN: erpToken, AUTH_SECRETS: authSecrets },
      ...{ CHANGES_POLL_SECONDS: "1", VALKEY_URL: redis.url, VALKEY_KEY_SECRET: "of all replicas the same ".repeat(2) },
      ...{ VALKEY_TIMEOUT_MS: "1000", FLEET_REPLICAS: "2", ERP_TIMEOUT_MS: "500", ERP_ABANDON_MS: "500" },
    });
  }

  function ask(replica: number, variables: Readonly<Record<string, unknown>>): Promise<GraphQLAnswer> {
    return new GraphQLClient((gateways[replica] as GatewayProcess).url).ask(query, { token, variables });
  }

  /** A whole run, its pages from one replica and the other by turns. */
  async function read(changedSince: string | null, startsAt: number) {
    const told: Record<string, string> = {};
    for (let after: string | null = null, turn = startsAt; ; turn++) {
      const answer = await ask(turn % 2, { first: 25, after, changedSince });
      expect(answer.errors).toEqual([]);
      const page = answer.at("feed") as Page;
      for (const { sku, price } of page.items) told[sku] = price.net.amount;
      if (page.deltaCursor !== null) return { told, deltaCursor: page.deltaCursor };
      after = page.endCursor;
    }
  }

  function change(sku: string, amount: string): void {
    erp.prices.set(`|${sku}`, { unitPrice: amount, taxRate: "20", tiers: [] });
    catalogue.changes.push({ kind: "price", sku });
  }

  async function untilTold(changedSince: string, startsAt: number, sku: string, amount: string) {
    return eventually(
      `${sku} is told`,
      async () => {
        const run = await read(changedSince, startsAt);
        return run.told[sku] === amount ? run : null;
      },
      { withinMs: 15_000, everyMs: 200 },
    );
  }

  test("the delta of one is the difference to what the other told, page by page from both, and after both were replaced", async () => {
    const full = await read(null, 0);
    expect(Object.keys(full.told)).toHaveLength(60);
    change("SKU-5", "5.55");
    change("SKU-41", "41.41");
    const delta = await untilTold(full.deltaCursor, 1, "SKU-41", "41.41");
    expect(delta.told).toEqual({ "SKU-5": "5.55", "SKU-41": "41.41" });
    expect(await readMetric((gateways[1] as GatewayProcess).url, "pricelane_journal_skus")).toBe(60);

    for (const [index, signal] of (["SIGTERM", "SIGKILL"] as const).entries()) {
      await eventually(
        "all is written",
        async () => (await readMetric((gateways[index] as GatewayProcess).url, "pricelane_journal_unsaved_skus")) === 0,
      );
      await gateways[index]?.stop(signal);
    }
    change("SKU-7", "7.77");
    gateways = await Promise.all([start(), start()]);
    const after = await untilTold(delta.deltaCursor, 1, "SKU-7", "7.77");
    expect(after.told).toMatchObject({ "SKU-7": "7.77" });
  });

  test("says that its cursor is lost where the store was emptied or is away, and full runs go on", async () => {
    const before = await read(null, 0);
    await redis.kill();
    const lost = await ask(1, { first: 25, changedSince: before.deltaCursor });
    expect(lost.errors[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", reason: "CURSOR_LOST" });
    const alone = await read(null, 1);
    expect(Object.keys(alone.told)).toHaveLength(60);
    await redis.restart();
    await eventually(
      "cursors are good again",
      async () => (await ask(0, { first: 1, changedSince: (await read(null, 0)).deltaCursor })).errors.length === 0,
      {
        withinMs: 20_000,
        everyMs: 200,
      },
    );
    for (const cursor of [before.deltaCursor, alone.deltaCursor])
      expect((await ask(1, { first: 25, changedSince: cursor })).errors[0]?.extensions).toMatchObject({
        reason: "CURSOR_LOST",
      });
    const full = await read(null, 0);
    change("SKU-9", "9.99");
    await untilTold(full.deltaCursor, 1, "SKU-9", "9.99");
  });
});
