import type { ErpBaseline, QuickestCall, UsualMeasure } from "../pricing/erp-baseline.js";
import type { Logger } from "../telemetry/logger.js";
import { answerKinds } from "../telemetry/metric-names.js";
import { recallScript, rememberScript } from "./scripts.js";
import type { FleetParts } from "./shared-store.js";

/** What learns how the ERP is, as `ConcurrencyLimit` does. */
export interface BaselineLearner {
  baseline(now: number): ErpBaseline | null;
  startFrom(baseline: ErpBaseline, now: number): boolean;
}

export interface SharedBaselineOptions extends FleetParts {
  readonly learner: BaselineLearner;
  /** No call takes longer, in ms: what says so is not believed. */
  readonly longestCallMs: number;
  readonly logger: Logger;
}

/** Stands in its name and what it is about: to be raised with what a baseline means. */
const version = "1";
const about = `erp baseline ${version}`;
const tellMs = 15_000;
/** What nobody told anew for so long, in ms, may not be how the ERP is by now. */
const keptMs = 600_000;
const mostCalls = 64;
const mostKeys = 100_000;
/** Of a logarithm: no ERP is usually twenty times as slow as it is at its quickest. */
const mostStray = 3;

/**
 * Keeps in the store how the ERP is when it is at ease, for a replica that starts while it is not: that one would take its queue for how it
 * is. It is a beginning: what it sees itself takes its place within minutes.
 */
export class SharedBaseline {
  readonly #options: SharedBaselineOptions;
  readonly #name: string;
  #cancelTimer = () => {};
  #isRecalled = false;
  #isClosed = false;

  constructor(options: SharedBaselineOptions) {
    this.#options = options;
    const { seal, rules } = options;
    this.#name = `${seal.prefix}${seal.name("baseline", version, rules)}`;
    options.store.onChange((isUp) => {
      if (isUp) void this.#recall();
    });
  }

  start(): void {
    void this.#recall();
    this.#plan();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelTimer();
  }

  #plan(): void {
    this.#cancelTimer = this.#options.clock.after(tellMs, () => {
      this.#tell();
      this.#plan();
    });
  }

  async #recall(): Promise<void> {
    const { store, seal, learner, clock, logger, longestCallMs } = this.#options;
    if (this.#isRecalled || this.#isClosed || !store.isUp) return;
    const kept = await store.run(recallScript, [this.#name], []).catch(() => undefined);
    if (kept === undefined || this.#isClosed) return;
    this.#isRecalled = true;
    if (!Buffer.isBuffer(kept)) return;
    const content = seal.open(kept, about);
    const baseline = content === null ? null : parseBaseline(content, longestCallMs);
    if (baseline === null) {
      const why = "how the ERP is at ease does not open under VALKEY_KEY_SECRET, or is as no ERP is";
      logger.warn({ why }, "what the shared store keeps is not believed: who else writes there?");
    } else if (learner.startFrom(baseline, clock.now())) {
      logger.info(
        { calls: baseline.quickest.length },
        "this replica begins with how the ERP is at ease, as others learnt it",
      );
    }
  }

  #tell(): void {
    const { store, seal, learner, clock } = this.#options;
    const baseline = store.isUp ? learner.baseline(clock.now()) : null;
    // One that asked nothing of late knows nothing new.
    if (baseline === null || baseline.quickest.length === 0) return;
    const sealed = seal.close(JSON.stringify(baseline), about);
    void store.run(rememberScript, [this.#name], [sealed, String(keptMs)]).catch(() => {});
  }
}

/** @returns null where it is none, or one that no ERP can have */
export function parseBaseline(text: string, longestCallMs: number): ErpBaseline | null {
  try {
    const { quickest, usualQuickest, usualMean } = JSON.parse(text) as ErpBaseline;
    const isCall = ({ kind, keys, ms }: QuickestCall) =>
      answerKinds.includes(kind) &&
      isWithin(keys, 1, mostKeys) &&
      Number.isInteger(keys) &&
      isWithin(ms, 0, longestCallMs);
    const isUsual = ({ mean, deviation, rounds }: UsualMeasure) =>
      isWithin(mean, -mostStray, mostStray) && isWithin(deviation, 0, mostStray) && isWithin(rounds, 1, 1_000_000);
    const isSane =
      quickest.length <= mostCalls && quickest.every(isCall) && isUsual(usualQuickest) && isUsual(usualMean);
    return isSane ? { quickest, usualQuickest, usualMean } : null;
  } catch {
    return null;
  }
}

function isWithin(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}
