import { BudgetLease } from "../../src/fleet/budget-lease.js";
import type { Lane } from "../../src/pricing/source.js";
import type { VirtualClock } from "../support/virtual-clock.js";
import { HeldClock } from "./held-clock.js";
import { type LuaServer, LuaStore } from "./lua-server.js";

/** Counts what is asked of it at once, as the ERP sees it: a call of a replica that died goes on. */
export class CountingErp {
  readonly #clock: VirtualClock;
  inFlight = 0;
  peak = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  call(ms: number): void {
    this.inFlight++;
    this.peak = Math.max(this.peak, this.inFlight);
    this.#clock.after(ms, () => this.inFlight--);
  }
}

/** An adaptive limit that a test moves by hand. */
class HandLimit {
  full: number;
  #grown = 0;
  #factor = 1;
  #sentAt = 0;

  constructor(full: number) {
    this.full = full;
  }

  fall(factor: number, sentAt: number): void {
    this.full = Math.max(this.full * factor, 1);
    this.#factor *= factor;
    this.#sentAt = sentAt;
  }

  grow(by: number): void {
    this.full += by;
    this.#grown += by;
  }

  takeChange() {
    const change = { grown: this.#grown, factor: this.#factor, sentAt: this.#sentAt };
    this.#grown = 0;
    this.#factor = 1;
    return change;
  }

  adopt(limit: number): void {
    this.full = limit;
  }
}

export interface FleetOptions {
  readonly most: number;
  readonly replicas: number;
  /** How long the store may take to answer, in ms; 100 unless said otherwise. */
  readonly storeTimeoutMs?: number;
  /** How long the ERP may be at a call, given up or not, in ms; 600 unless said otherwise. */
  readonly longestCallMs?: number;
  /** How calls spread between the shortest and the longest: past 1 most are short, below it most are long. 3 unless said otherwise. */
  readonly skew?: number;
}

/** A replica that sends as many calls as it may and wants. */
export class BudgetReplica {
  readonly store: LuaStore;
  readonly limit: HandLimit;
  readonly lease: BudgetLease;
  /** Its own: nothing happens in it while its process is stopped. */
  readonly clock: HeldClock;
  readonly #erp: CountingErp;
  readonly #random: () => number;
  readonly #longestCallMs: number;
  readonly #skew: number;
  wants: Readonly<Record<Lane, number>> = { checkout: 0, storefront: 0, feed: 0 };
  isFeedPressed = false;
  inFlight = 0;
  isAlive = true;
  isLeaving = false;

  constructor(id: string, server: LuaServer, erp: CountingErp, random: () => number, options: FleetOptions) {
    const clock = new HeldClock(server.clock);
    this.clock = clock;
    this.#erp = erp;
    this.#random = random;
    const { storeTimeoutMs = 100, longestCallMs = 600, skew = 3 } = options;
    this.#longestCallMs = longestCallMs;
    this.#skew = skew;
    this.store = new LuaStore(server, storeTimeoutMs, clock);
    this.limit = new HandLimit(options.most);
    this.lease = new BudgetLease({
      ...{ store: this.store, clock, key: "budget", id, longestCallMs, limit: this.limit },
      ...{ replicas: options.replicas, most: options.most, storeTimeoutMs },
      demandOf: (lane) => this.wants[lane],
      isFeedPressed: () => this.isFeedPressed,
      inFlight: () => this.inFlight,
      onShare: () => this.deal(),
      onLeased: () => {},
      onMoreReplicas: () => {},
    });
    this.lease.start();
  }

  want(demand: Partial<Record<Lane, number>>): void {
    this.wants = { checkout: 0, storefront: 0, feed: 0, ...demand };
    this.deal();
  }

  deal(): void {
    const { checkout, storefront, feed } = this.wants;
    const wanted = checkout + storefront + feed;
    while (
      this.isAlive &&
      !this.isLeaving &&
      !this.clock.isHeld &&
      this.inFlight < Math.min(this.lease.share, wanted)
    ) {
      const ms = Math.floor(20 + this.#random() ** this.#skew * (this.#longestCallMs - 21));
      this.inFlight++;
      this.#erp.call(ms);
      this.clock.after(ms, () => {
        this.inFlight--;
        this.deal();
      });
    }
    if (this.isAlive && !this.clock.isHeld && checkout + storefront > this.inFlight) this.lease.hurry();
  }

  kill(): void {
    this.isAlive = false;
    this.store.isUp = false;
    this.store.isClosed = true;
  }

  async stop(): Promise<void> {
    this.isLeaving = true;
    await this.#drained();
    if (!this.isAlive) return;
    await this.lease.close();
    this.kill();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => (this.inFlight === 0 ? resolve() : void this.clock.after(10, look));
      look();
    });
  }
}
