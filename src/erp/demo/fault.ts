import type { PathName } from "./call-stats.js";

/** What can be made to go wrong. */
export type Fault =
  /** Nobody there: connections are cut, calls in hand are lost. */
  | ({ readonly kind: "down" } & FaultScope)
  /** Calls are taken and kept silent; they go on when the fault is lifted. They hold no worker. */
  | ({ readonly kind: "hang" } & FaultScope)
  /** HTTP 500, after the usual time. */
  | ({ readonly kind: "error500" } & FaultScope)
  /** HTTP 200 with a page of HTML, after the usual time. */
  | ({ readonly kind: "garbage" } & FaultScope)
  /** HTTP 429 at once. */
  | ({ readonly kind: "throttle"; readonly retryAfterSeconds: number } & FaultScope)
  /** Every call takes `factor` times as long. */
  | ({ readonly kind: "slow"; readonly factor: number } & FaultScope)
  /** Only so many workers are left. */
  | { readonly kind: "brownout"; readonly workers: number };

/** Which calls it strikes; all where nothing is said. */
export interface FaultScope {
  readonly path?: PathName;
  /** Calls that name this SKU: one poisoned row spoils the whole call. */
  readonly sku?: string;
  /** This part of the calls, 0 to 1, by chance. */
  readonly share?: number;
}

/** The fault that is on, and the calls that hang because of it. */
export class FaultSwitch {
  #fault: Fault | null = null;
  #thaw: () => void = () => {};
  #thawed: Promise<void> = Promise.resolve();

  /** @param random 0 to below 1; decides where a fault strikes only a share of the calls */
  constructor(readonly random: () => number) {}

  get current(): Fault | null {
    return this.#fault;
  }

  set(fault: Fault | null): void {
    this.#fault = fault;
    this.#thaw();
    this.#thawed = new Promise((resolve) => {
      this.#thaw = resolve;
    });
  }

  /** Resolves when the fault that is on now is lifted or followed by another. */
  lifted(): Promise<void> {
    return this.#thawed;
  }

  /** The fault that strikes this call; null for none. */
  strikes(path: PathName, skus: readonly string[]): Fault | null {
    const fault = this.#fault;
    if (fault === null || fault.kind === "brownout") return null;
    const isMeant =
      (fault.path === undefined || fault.path === path) &&
      (fault.sku === undefined || skus.includes(fault.sku)) &&
      (fault.share === undefined || this.random() < fault.share);
    return isMeant ? fault : null;
  }
}

/** Whether everything is struck, connections that ask nothing included. */
export function strikesAll(fault: Fault | null): boolean {
  if (fault === null || fault.kind === "brownout") return false;
  return fault.path === undefined && fault.sku === undefined && fault.share === undefined;
}

/** @throws {Error} naming the value and what it may be */
export function checkFault(fault: Fault | null): void {
  if (fault === null) return;
  if (fault.kind === "brownout") {
    check("workers", fault.workers, Number.isInteger(fault.workers), 0, 10_000);
    return;
  }
  if (fault.kind === "slow") check("factor", fault.factor, true, 0, 1_000_000);
  if (fault.kind === "throttle") {
    check("retryAfterSeconds", fault.retryAfterSeconds, Number.isInteger(fault.retryAfterSeconds), 0, 3_600);
  }
  if (fault.share !== undefined) check("share", fault.share, true, 0, 1);
}

function check(name: string, value: number, isRightKind: boolean, lowest: number, highest: number): void {
  if (isRightKind && value >= lowest && value <= highest) return;
  throw new Error(`${name} of a fault must be from ${lowest} to ${highest}, counts in whole numbers; got ${value}`);
}
