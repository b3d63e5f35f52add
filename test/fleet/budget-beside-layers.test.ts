import { beforeEach, describe, expect, test } from "vitest";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { SlottedList } from "../../src/feed/slotted-list.js";
import { createLimit } from "../../src/load-control.js";
import type { Connector } from "../../src/pricing/connector.js";
import { readSettings } from "../../src/read-settings.js";
import { createBudget } from "../../src/replicas.js";
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

/** The ERP's list, in slots of the feed's. @returns whether its first page was read */
function readList(slots: CallSlots): { isRead: boolean } {
  const seen = { isRead: false };
  const readPage = async () => {
    await takeTime();
    return {} as never;
  };
  const list = new SlottedList({ readPage }, { slots, timeoutMs: 1_000, clock });
  void list.readPage(null, 10, clock.now() + 10_000).then(() => {
    seen.isRead = true;
  });
  return seen;
}

describe("with one budget, a page of the ERP's list that nothing else of the feed is asked with", () => {
  test("is told as wanted, and read once the store has heard of it", async () => {
    const { slots, budget } = start();
    start();
    await clock.advance(3_000);
    expect(budget?.feedShare).toBe(0);
    const page = readList(slots);
    expect([slots.demandOf("feed"), page.isRead]).toEqual([1, false]);
    // The next renewal, four a second, and the call.
    await clock.advance(250 + 10 + callMs);
    expect([slots.demandOf("feed"), page.isRead]).toEqual([0, true]);
  });

  test("is read once the lease has ended where the store is away", async () => {
    const { slots, budget } = start();
    start();
    await clock.advance(3_000);
    server.kill();
    const page = readList(slots);
    await clock.advance(1_500);
    expect([budget?.feedShare, page.isRead]).toEqual([null, true]);
  });

  test("is read where the store was emptied, and does not know of all replicas yet", async () => {
    const { slots, budget } = start();
    await clock.advance(20_000);
    expect(budget?.feedShare).toBe(0);
    server.kill();
    server.goOn();
    await clock.advance(300);
    const page = readList(slots);
    await clock.advance(10 + callMs);
    expect([budget?.isLeased, budget?.feedShare, page.isRead]).toEqual([true, null, true]);
  });
});
