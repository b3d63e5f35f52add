import type { Clock } from "../clock.js";
import { renewScript } from "./scripts.js";
import type { Store } from "./store.js";

/**
 * How long a lease is, in ms: so long do others wait for a replica that is gone. One that is there renews its leases well before, for as
 * long as its question is under way.
 */
export const leaseMs = 1_000;
const renewMs = 300;

/** What a replica may ask the ERP, in the place of all others. */
export interface Lease<K> {
  readonly key: K;
  /** Its name in the store. */
  readonly name: string;
  /** The store's life and its time when the lease was given, in ms since the epoch: what was asked under it was asked later. Null where it was under way. */
  readonly given: { readonly life: string; readonly at: number } | null;
}

export interface HeldLeasesOptions<K> {
  readonly store: Store;
  readonly replica: string;
  readonly clock: Clock;
  /** Whether its question is on its way to the ERP, waits to be sent, or may have been told just now to ask under this lease. */
  readonly isUnderWay: (key: K) => boolean;
  /** Told of leases that are of no use any more. */
  readonly onIdle: (leases: readonly Lease<K>[]) => void;
}

/** The leases of one kind that this replica holds. */
export class HeldLeases<K extends { readonly id: string }> {
  readonly #options: HeldLeasesOptions<K>;
  readonly #held = new Map<string, Lease<K>>();
  #cancelTimer: (() => void) | null = null;

  constructor(options: HeldLeasesOptions<K>) {
    this.#options = options;
  }

  get size(): number {
    return this.#held.size;
  }

  /** A lease that is held already stays as it is: what is under way was asked under that one. */
  add(lease: Lease<K>): void {
    if (!this.#held.has(lease.key.id)) this.#held.set(lease.key.id, lease);
    this.#cancelTimer ??= this.#options.clock.after(renewMs, () => this.#renew());
  }

  /** @returns undefined where it is not held */
  end(key: K): Lease<K> | undefined {
    const lease = this.#held.get(key.id);
    this.#held.delete(key.id);
    return lease;
  }

  /** Ends those of these keys whose question is not under way. */
  endIdle(keys: Iterable<K>): void {
    const idle: Lease<K>[] = [];
    for (const key of keys) {
      const lease = this.#options.isUnderWay(key) ? undefined : this.end(key);
      if (lease !== undefined) idle.push(lease);
    }
    if (idle.length > 0) this.#options.onIdle(idle);
  }

  close(): void {
    this.#cancelTimer?.();
    this.#held.clear();
  }

  #renew(): void {
    const { store, replica, clock } = this.#options;
    this.endIdle([...this.#held.values()].map(({ key }) => key));
    this.#cancelTimer = this.#held.size === 0 ? null : clock.after(renewMs, () => this.#renew());
    if (this.#held.size === 0 || !store.isUp) return;
    const names = [...this.#held.values()].map(({ name }) => `${name}:lease`);
    // One that is lost costs a question that is asked twice.
    void store.run(renewScript, names, [replica, String(leaseMs)]).catch(() => {});
  }
}
