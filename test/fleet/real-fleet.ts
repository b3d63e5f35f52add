import { createClient, RESP_TYPES } from "@redis/client";
import { systemClock } from "../../src/clock.js";
import type { StoreReply } from "../../src/fleet/store.js";
import { ValkeyStore } from "../../src/fleet/valkey-store.js";
import { eventually } from "../support/eventually.js";
import { FakeErp } from "../support/fake-source.js";
import { RunningRedis } from "../support/redis.js";
import { createLogger } from "./quiet-logger.js";
import { Replica, type ReplicaOptions } from "./replica.js";

/** Replicas with a real store between them, over one ERP whose calls end when the test says so. */
export class RealFleet {
  readonly redis: RunningRedis;
  readonly erp = new FakeErp();
  readonly stores: ValkeyStore[] = [];
  /** What the stores' clients warned of. */
  readonly warnings: string[] = [];
  #client: ReturnType<typeof openClient> | null = null;

  private constructor(redis: RunningRedis) {
    this.redis = redis;
  }

  /** @param args of the store, as for `RunningRedis` */
  static async start(...args: string[]): Promise<RealFleet> {
    return new RealFleet(await RunningRedis.start(...args));
  }

  async stop(): Promise<void> {
    for (const store of this.stores) store.close();
    if (this.#client?.isOpen) this.#client.destroy();
    await this.redis.stop();
  }

  /** Adds a replica, whether or not its store answers. */
  add(options: ReplicaOptions = {}, url = this.redis.url): Replica {
    const logger = createLogger(this.warnings);
    const store = new ValkeyStore({ url, timeoutMs: 500, clock: systemClock, random: () => 0, logger });
    this.stores.push(store);
    const replica = new Replica(store, this.erp, options);
    store.start();
    return replica;
  }

  /** Adds a replica, and waits until it is a member. */
  async join(options: ReplicaOptions = {}): Promise<Replica> {
    const replica = this.add(options);
    const store = this.stores.at(-1) as ValkeyStore;
    await eventually("the store is up", () => store.isUp);
    await eventually("the replica is a member", () => replica.isSure);
    return replica;
  }

  /** Reads what the ERP must be asked for, and has it answer. */
  async readFromErp(replica: Replica, ids: string[], said = (id: string) => id): Promise<string[]> {
    const before = this.erp.calls.length;
    const reading = replica.read(ids);
    const { call, answer } = await this.nextCall(before);
    const freshness = { source: "ERP", computedAt: call.sentAt, freshUntil: call.sentAt, staleReason: null } as const;
    answer(({ id }) => ({ kind: "found", answer: said(id), freshness }));
    return reading;
  }

  nextCall(index: number) {
    return eventually("the ERP is asked", () => this.erp.calls[index]);
  }

  /** Asks the store itself, over a connection of the test's own. */
  async command(...command: (string | Buffer)[]): Promise<StoreReply> {
    this.#client ??= openClient(this.redis.url);
    if (!this.#client.isOpen) await this.#client.connect();
    return this.#client.sendCommand<StoreReply>(command, { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } });
  }

  async keys(): Promise<string[]> {
    return ((await this.command("KEYS", "*")) as Buffer[]).map(String).sort();
  }

  /** Waits until so many answers stand in the store, and no lease. @returns their names */
  written(count: number): Promise<string[]> {
    return eventually(`${count} answers are written`, async () => {
      const keys = await this.keys();
      const answers = keys.filter((name) => !/:fleet$|:lease$/.test(name));
      return answers.length === count && !keys.some((name) => name.endsWith(":lease")) ? answers : null;
    });
  }

  /** As if the store's clock were set forward by that much, or nobody had asked it for so long, since its life began. */
  async setForward(ms: number): Promise<void> {
    const before = String(Date.now() - ms);
    for (const name of await this.keys())
      if (name.endsWith(":fleet")) await this.command("HSET", name, "born", before, "at", before);
  }

  /** Makes the store's life an old one, in which everybody is known who is there. */
  async age(): Promise<void> {
    for (const name of await this.keys()) if (name.endsWith(":fleet")) await this.command("HSET", name, "born", "0");
  }
}

function openClient(url: string) {
  return createClient({ url }).on("error", () => {});
}
