import { type Clock, systemClock } from "../../clock.js";
import { maxSkus } from "./catalogue.js";

/** All have defaults; see docs/erp/demo.md. */
export interface DemoErpOptions {
  /** 0 takes a free one. */
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  /** The same seed makes the same catalogue, customers, prices and movements. */
  readonly seed?: number | undefined;
  /** 1 to 999,990; they take no memory. */
  readonly skus?: number | undefined;
  /** What a call takes at least, in ms, ± 10 %. */
  readonly latencyMs?: number | undefined;
  /** What each price line or stock SKU adds, in ms. */
  readonly perLineMs?: number | undefined;
  /** Calls worked on at once. */
  readonly workers?: number | undefined;
  /** Calls that may wait for a worker. */
  readonly queue?: number | undefined;
  /** How much slower calls get by each worker's load of other calls. */
  readonly contention?: number | undefined;
  /** The bearer token to ask for; null asks for none. */
  readonly token?: string | null | undefined;
  /** How long stock (and prices, where they move) stand still, in ms. */
  readonly stepMs?: number | undefined;
  /** How many steps back a cursor of changes may lie. */
  readonly backlogSteps?: number | undefined;
  readonly pricesMove?: boolean | undefined;
  /** One SKU in so many tells its price at the asked quantity alone, no ladder; 0 for none. */
  readonly singleQuantityOneIn?: number | undefined;
  /** Answers in an order of chance, as the port allows. */
  readonly shuffle?: boolean | undefined;
  readonly clock?: Clock | undefined;
  /** 0 to below 1: the jitter of latency, the order of answers, faults that strike a share. */
  readonly random?: (() => number) | undefined;
}

export type ResolvedOptions = { readonly [Name in keyof DemoErpOptions]-?: Exclude<DemoErpOptions[Name], undefined> };

/** The bounds of each number, both allowed. */
const bounds = {
  port: [0, 65_535],
  seed: [0, 0xffff_ffff],
  skus: [1, maxSkus],
  workers: [1, 10_000],
  queue: [0, 1_000_000],
  stepMs: [1, 86_400_000],
  backlogSteps: [1, 1_000_000],
  singleQuantityOneIn: [0, 1_000_000],
} as const;

/** @throws {Error} naming the option, its value and what it may be */
export function resolveOptions(options: DemoErpOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    port: options.port ?? 0,
    host: options.host ?? "127.0.0.1",
    seed: options.seed ?? 1,
    skus: options.skus ?? 5_000,
    latencyMs: options.latencyMs ?? 40,
    perLineMs: options.perLineMs ?? 0.2,
    workers: options.workers ?? 8,
    queue: options.queue ?? 32,
    contention: options.contention ?? 0.5,
    token: options.token ?? null,
    stepMs: options.stepMs ?? 5_000,
    backlogSteps: options.backlogSteps ?? 720,
    pricesMove: options.pricesMove ?? false,
    singleQuantityOneIn: options.singleQuantityOneIn ?? 0,
    shuffle: options.shuffle ?? true,
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
  };
  checkNumbers(resolved);
  if (resolved.token === "") throw new Error("token is empty: leave it out to ask for none");
  return resolved;
}

function checkNumbers(resolved: ResolvedOptions): void {
  for (const [name, [lowest, highest]] of Object.entries(bounds) as [
    keyof typeof bounds,
    readonly [number, number],
  ][]) {
    const value = resolved[name];
    if (Number.isInteger(value) && value >= lowest && value <= highest) continue;
    throw new Error(`${name} must be a whole number from ${lowest} to ${highest}; got ${value}`);
  }
  for (const name of ["latencyMs", "perLineMs", "contention"] as const) {
    const value = resolved[name];
    if (!Number.isFinite(value) || value < 0) throw new Error(`${name} must be a number from 0 up; got ${value}`);
  }
}
