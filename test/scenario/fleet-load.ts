import { setTimeout as pause } from "node:timers/promises";
import { eventually } from "../support/eventually.js";
import { buyer, mintToken } from "../support/graphql-client.js";
import type { FleetReplica } from "./fleet-replica.js";
import { createRandom, shuffled } from "./random.js";

const cart = `query ($input: ValidateCartInput!) { validateCart(input: $input) { verdict netTotal { amount } } }`;
/** Of the ERP's own word, so that memory takes nothing off the load. */
const page = `query ($skus: [ID!]!) { products(skus: $skus) {
  price(maxAgeSeconds: 0) { net { amount } } stock(maxAgeSeconds: 0) { available }
} }`;

/** How checkouts ended. */
export interface Tally {
  /** With what the ERP said, within the deadline. */
  answered: number;
  /** Told to be unverified, within the deadline. */
  unverified: number;
  /** Neither by the deadline, or with errors. */
  failed: number;
  /** By a replica that has had no share yet; counted here alone. */
  early: number;
  /** By a replica that was killed meanwhile; counted here alone. */
  cutOff: number;
  /** Storefront pages that came whole. */
  pages: number;
  /** Storefront pages in which something was missing. */
  partPages: number;
  /** The longest of all checkouts that were answered, in ms. */
  slowestMs: number;
}

const newTally = (): Tally => ({
  ...{ answered: 0, unverified: 0, failed: 0, early: 0, cutOff: 0 },
  ...{ pages: 0, partPages: 0, slowestMs: 0 },
});

export interface FleetLoadOptions {
  readonly replicas: readonly FleetReplica[];
  /** At each replica, one question at a time each. */
  readonly checkouts: number;
  readonly visitors: number;
  /** When a checkout has to be answered at the latest, in ms. */
  readonly deadlineMs: number;
  readonly skus: readonly string[];
  readonly customers: readonly string[];
}

/** For the way there and back, and a test machine that has other things to do, in ms. */
const leewayMs = 500;

/** Shoppers who ask each replica again and again, for as long as it stands. */
export class FleetLoad {
  readonly #options: FleetLoadOptions;
  readonly #random = createRandom(9);
  readonly #answered = new Map<FleetReplica, number>();
  readonly #shoppers: Promise<void>[] = [];
  #isOver = false;
  #tally = newTally();

  constructor(options: FleetLoadOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isOver = false;
    for (const replica of this.#options.replicas) {
      for (let count = 0; count < this.#options.checkouts; count++)
        this.#shoppers.push(this.#shop(replica, () => this.#checkOut(replica)));
      for (let count = 0; count < this.#options.visitors; count++)
        this.#shoppers.push(this.#shop(replica, () => this.#visit(replica)));
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#shoppers.splice(0));
  }

  /** @returns what was counted since this was last asked */
  takeTally(): Tally {
    const tally = this.#tally;
    this.#tally = newTally();
    return tally;
  }

  /** Waits until each of these replicas answered so many more checkouts. */
  async more(count: number, replicas = this.#options.replicas): Promise<void> {
    const before = replicas.map((replica) => this.#countOf(replica));
    const isDone = () => replicas.every((replica, index) => this.#countOf(replica) >= (before[index] ?? 0) + count);
    await eventually(`each answers ${count} more checkouts`, isDone, { withinMs: 20_000, everyMs: 50 });
  }

  #countOf(replica: FleetReplica): number {
    return this.#answered.get(replica) ?? 0;
  }

  async #shop(replica: FleetReplica, once: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      // A shopper thinks, and does not come in step with the others.
      await pause(20 + this.#random() * 60);
      if (replica.client !== null) await once();
    }
  }

  async #checkOut(replica: FleetReplica): Promise<void> {
    const { client, hadShare } = replica;
    const token = mintToken({ scope: "checkout", sub: this.#someCustomer() });
    const lines = this.#someSkus(3).map((sku, index) => ({ key: String(index), sku, quantity: "1" }));
    const askedAt = performance.now();
    const answer = await client?.ask(cart, { token, variables: { input: { lines } } }).catch(() => null);
    const ms = performance.now() - askedAt;
    if (answer == null || client !== replica.client) this.#tally.cutOff++;
    else if (!hadShare) this.#tally.early++;
    else if (answer.errors.length > 0 || ms > this.#options.deadlineMs + leewayMs) this.#tally.failed++;
    else if (answer.at("validateCart.verdict") === "UNVERIFIED") this.#tally.unverified++;
    else {
      this.#tally.answered++;
      this.#tally.slowestMs = Math.max(this.#tally.slowestMs, Math.round(ms));
      this.#answered.set(replica, this.#countOf(replica) + 1);
    }
  }

  async #visit(replica: FleetReplica): Promise<void> {
    const token = this.#random() < 0.5 ? {} : { token: buyer(this.#someCustomer()) };
    const variables = { skus: this.#someSkus(4) };
    const answer = await replica.client?.ask(page, { ...token, variables }).catch(() => null);
    if (answer == null) return;
    if (answer.errors.length === 0) this.#tally.pages++;
    else this.#tally.partPages++;
  }

  #someSkus(count: number): string[] {
    return shuffled(this.#options.skus, this.#random).slice(0, count);
  }

  #someCustomer(): string {
    const { customers } = this.#options;
    return customers[Math.floor(this.#random() * customers.length)] as string;
  }
}
