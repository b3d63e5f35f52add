import { ChangeFollower } from "../../src/cache/change-follower.js";
import { CallSlots } from "../../src/dispatch/call-slots.js";
import { ErpCursorLost, ErpUnavailable } from "../../src/errors.js";
import { Fleet } from "../../src/fleet/fleet.js";
import type { ChangeTurn } from "../../src/pricing/change-share.js";
import type { ChangePage } from "../../src/pricing/connector.js";
import { everything, type Invalidation } from "../../src/pricing/invalidation.js";
import { fixedLimit } from "../dispatch/dispatcher-setup.js";
import type { VirtualClock } from "../support/virtual-clock.js";
import { HeldClock } from "./held-clock.js";
import { type LuaRedis, LuaRedisStore } from "./lua-redis.js";
import { createLogger } from "./quiet-logger.js";
import { fleetSecret } from "./replica.js";

export const intervalMs = 5_000;
const noReach = { scopes: new Set<string>(), customers: new Set<string>() };

/** An ERP that keeps a log of what changed; a cursor is a number of changes, as text. */
export class ChangingErp {
  readonly #clock: VirtualClock;
  readonly #log: string[] = [];
  readonly #versions = new Map<string, number>();
  /** Changes up to this many are told no more. */
  forgotten = 0;
  isDown = false;
  readonly asked: { readonly by: string; readonly since: string | null; readonly at: number }[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get length(): number {
    return this.#log.length;
  }

  change(sku: string): void {
    this.#log.push(sku);
    this.#versions.set(sku, this.versionOf(sku) + 1);
  }

  versionOf(sku: string): number {
    return this.#versions.get(sku) ?? 0;
  }

  changed(from: number, to: number): string[] {
    return this.#log.slice(from, to);
  }

  read(by: string, since: string | null, pageSize: number): ChangePage {
    this.asked.push({ by, since, at: this.#clock.now() });
    if (this.isDown) throw new ErpUnavailable("down");
    if (since === null) return { changes: [], next: String(this.#log.length), more: false };
    const from = Number(since);
    if (from < this.forgotten) throw new ErpCursorLost("410");
    const skus = this.#log.slice(from, from + pageSize);
    const next = from + skus.length;
    return { changes: skus.map((sku) => ({ kind: "price", sku })), next: String(next), more: next < this.#log.length };
  }
}

/** A replica that keeps what it was told of SKUs, and a journal of what it heard to have changed. */
export class FollowingReplica {
  readonly name: string;
  readonly clock: HeldClock;
  readonly store: LuaRedisStore;
  readonly logs: string[] = [];
  readonly #erp: ChangingErp;
  readonly #fleet: Fleet;
  readonly #follower: ChangeFollower;
  /** The version of each SKU that is kept. */
  readonly kept = new Map<string, number>();
  /** SKUs that were heard to have changed, since the journal began; "*" where all may have. */
  readonly journal = new Set<string>();
  readonly #since: number | null;
  followedTo: string | null;
  /** What its journal was told to have followed and did not hear of. */
  readonly missed: string[] = [];
  readonly turn: () => ChangeTurn;
  isAlive = true;

  /** @param since where an earlier process's journal ends; null for one without */
  constructor(name: string, server: LuaRedis, erp: ChangingErp, since: string | null = null) {
    this.name = name;
    this.#erp = erp;
    this.followedTo = since;
    this.#since = since === null ? null : Number(since);
    const clock = new HeldClock(server.clock);
    this.clock = clock;
    this.store = new LuaRedisStore(server, clock);
    const logger = createLogger(this.logs);
    this.#fleet = new Fleet({
      ...{ store: this.store, secret: fleetSecret, erp: "erp", rules: "rules", clock, logger },
      onInvalidated: (invalidation) => void this.#forget(invalidation),
      onUnsure: (isFirst) => void (isFirst ? this.kept.clear() : this.#forget(everything)),
    });
    this.#fleet.start();
    const share = this.#fleet.followChanges();
    this.turn = () => share.turn();
    const log = {
      readChanges: (from: string | null): Promise<ChangePage> =>
        new Promise((resolve, reject) => {
          clock.after(20, () => {
            try {
              resolve(erp.read(name, from, 3));
            } catch (error) {
              reject(error);
            }
          });
        }),
    };
    this.#follower = new ChangeFollower(log, {
      ...{ intervalMs, timeoutMs: 5_000, clock, random: () => 0.5, logger, share, since },
      slots: new CallSlots(fixedLimit(2), clock),
      forget: ({ invalidation }) => this.#forget(invalidation),
      reachOf: () => noReach,
      onFollowed: (cursor) => this.#note(cursor),
    });
    this.#follower.start();
  }

  /** As a buyer has it done. */
  read(sku: string): void {
    if (this.isAlive && !this.clock.isHeld && !this.kept.has(sku)) this.kept.set(sku, this.#erp.versionOf(sku));
  }

  /** SKUs of which an older version is kept than the ERP has. */
  get outdated(): string[] {
    return [...this.kept].filter(([sku, version]) => version < this.#erp.versionOf(sku)).map(([sku]) => sku);
  }

  kill(): void {
    this.isAlive = false;
    this.clock.hold();
    this.store.link.isDeaf = true;
  }

  async stop(): Promise<void> {
    this.#follower.close();
    await this.#fleet.close();
    this.kill();
  }

  #forget({ skus }: Invalidation): number {
    const before = this.kept.size;
    for (const sku of skus ?? ["*"]) this.journal.add(sku);
    if (skus === null) this.kept.clear();
    else for (const sku of skus) this.kept.delete(sku);
    return before - this.kept.size;
  }

  #note(cursor: string): void {
    this.followedTo = cursor;
    if (this.#since === null || this.journal.has("*")) return;
    for (const sku of this.#erp.changed(this.#since, Number(cursor)))
      if (!this.journal.has(sku)) this.missed.push(`${sku} before ${cursor}`);
  }
}
