import { beforeEach, describe, expect, test } from "vitest";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { SlottedList } from "../../src/feed/slotted-list.js";
import { createLimit } from "../../src/load-control.js";
import type { Connector } from "../../src/pricing/connector.js";
import { createBudget } from "../../src/replicas.js";
import { readSettings } from "../../src/settings.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { noMetrics } from "../../src/telemetry/metrics.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { LuaServer, LuaStore } from "./lua-server.js";

const most = 4;
const callMs = 100;
const settings = { ...readSettings({}), connector: "port" as const, fleetReplicas: 2 };

let clock: VirtualClock;
let server: LuaServer;

beforeEach(async () => {
  clock = new VirtualClock();
  server = await LuaServer.create(clock);
});

/** One of two replicas, of whose questions the test has none go by the layers. */
function start() {
  const parts = { settings, clock, logger: createLogger({ level: "silent" }), metrics: noMetrics };
  const connector = { maxConcurrency: most } as Connector;
  const limit = createLimit(connector, parts);
  const slots = new CallSlots(limit, clock);
  const budget = createBudget(limit, slots, connector, { ...parts, store: new LuaStore(server, 100) });
  return { slots, budget };
}

const takeTime = () => new Promise<void>((resolve) => clock.after(callMs, resolve));

describe("with one budget, what asks the ERP beside the layers tells that it waits", () => {
  test("a page of the ERP's list is read as soon as the store heard that it is wanted, without any other question of the feed", async () => {
    const { slots, budget } = start();
    start();
    await clock.advance(3_000);
    expect(budget?.feedShare).toBe(0);
    const pages: string[] = [];
    const readPage = async () => {
      await takeTime();
      return { skus: ["SKU-1"], next: null } as never;
    };
    const list = new SlottedList({ readPage } as never, { slots, timeoutMs: 1_000, clock });
    void list.readPage(null, 10, clock.now() + 10_000).then(() => pages.push("read"));
    expect([slots.demandOf("feed"), slots.inFlight]).toEqual([1, 0]);
    // The next renewal, four a second, and the call.
    await clock.advance(250 + 10 + callMs);
    expect(pages).toEqual(["read"]);
    expect(slots.demandOf("feed")).toBe(0);
  });
});
