import type { Clock } from "../clock.js";
import { ErpBadAnswer, ErpCursorLost, ErpKeepsNoChanges, GatewayError } from "../errors.js";
import type { ChangeLog, ChangePage } from "../pricing/connector.js";
import { everything, type Invalidation } from "../pricing/invalidation.js";
import type { Departure, Slots } from "../pricing/slots.js";
import type { Logger } from "../telemetry/logger.js";
import type { PollOutcome } from "../telemetry/metric-names.js";
import { toInvalidations } from "./change-invalidations.js";

/** Most changes read in one call; the most that the ERP port gives. */
const pageSize = 1_000;

/** An ERP that keeps failing is still asked this often, in ms, so that changes are followed soon after it is back. */
const longestWaitMs = 300_000;

export interface ChangeFollowerOptions {
  readonly intervalMs: number;
  /** How long one call may take, in ms. */
  readonly timeoutMs: number;
  readonly slots: Slots;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
  /** @returns how many answers were forgotten */
  readonly forget: (invalidation: Invalidation) => number;
  /** Where to go on from, kept from an earlier process; null or left out: from the newest cursor. */
  readonly since?: string | null;
  /** Told up to where the changes were followed and forgotten. */
  readonly onFollowed?: (cursor: string) => void;
  readonly onPoll?: (outcome: PollOutcome) => void;
}

/**
 * Asks the ERP again and again what changed, and has it forgotten. One call at a time, which takes a slot like any other: the
 * ERP never has more calls than it bears. It takes its turn among the kinds of question rather than stand behind them all, since it
 * is one call in an interval, and never sent while the ERP is busy it would leave answers wrong just when memory serves most.
 */
export class ChangeFollower {
  readonly #log: ChangeLog;
  readonly #options: ChangeFollowerOptions;
  /** Null until the newest one was read. */
  #cursor: string | null;
  /** Whether the cursor is an earlier process's and was not answered yet: it may be that of another ERP. */
  #isUntried: boolean;
  #failuresInARow = 0;
  #waitsForSlot = false;
  readonly #offer: Departure = {
    isCheckout: false,
    dueAt: Number.POSITIVE_INFINITY,
    send: (giveBack) => {
      this.#waitsForSlot = false;
      void this.#pollInSlot(giveBack);
    },
  };
  #isClosed = false;
  #cancelTimer = () => {};
  readonly #closing = new AbortController();

  constructor(log: ChangeLog, options: ChangeFollowerOptions) {
    this.#log = log;
    this.#options = options;
    this.#cursor = options.since ?? null;
    this.#isUntried = this.#cursor !== null;
    options.slots.join({
      offer: (slotClass) => (slotClass === "buyers" && this.#waitsForSlot ? this.#offer : null),
      onHeld() {}, // it can wait as long as the ERP likes
    });
  }

  start(): void {
    this.#poll();
  }

  close(): void {
    this.#isClosed = true;
    this.#waitsForSlot = false;
    this.#cancelTimer();
    this.#closing.abort();
  }

  #poll(): void {
    this.#waitsForSlot = true;
    this.#options.slots.deal();
  }

  async #pollInSlot(giveBack: () => void): Promise<void> {
    const waitMs = await this.#follow().catch((error: unknown) => this.#afterFailure(error));
    // The next poll is set before the slot is given, which may wake others at once.
    if (waitMs !== null && !this.#isClosed) this.#cancelTimer = this.#options.clock.after(waitMs, () => this.#poll());
    giveBack();
  }

  /** @returns after how many ms to ask again */
  async #follow(): Promise<number> {
    const page = await this.#read();
    if (this.#isClosed) return 0;
    // A cursor that stands still with more behind it would be asked for without end.
    if (page.more && page.next === this.#cursor) throw new ErpBadAnswer("more changes wait behind the cursor given");
    this.#apply(page);
    this.#cursor = page.next;
    this.#isUntried = false;
    this.#options.onFollowed?.(page.next);
    if (this.#failuresInARow > 0) this.#options.logger.info("the ERP's changes are followed again");
    this.#failuresInARow = 0;
    this.#options.onPoll?.("read");
    return page.more ? 0 : this.#options.intervalMs;
  }

  async #read(): Promise<ChangePage> {
    const { clock, timeoutMs } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.after(timeoutMs, () => timeout.abort());
    try {
      return await this.#log.readChanges(
        this.#cursor,
        pageSize,
        AbortSignal.any([timeout.signal, this.#closing.signal]),
      );
    } finally {
      cancel();
    }
  }

  #apply({ changes }: ChangePage): void {
    const { forget, logger } = this.#options;
    // What changed before the first cursor is not told: whatever was asked before it came may be out of date.
    const invalidations = this.#cursor === null ? [everything] : toInvalidations(changes);
    const forgotten = invalidations.reduce((sum, invalidation) => sum + forget(invalidation), 0);
    if (changes.length > 0) logger.debug({ changes: changes.length, forgotten }, "the ERP told changes");
  }

  /** @returns after how many ms to ask again; null for never */
  #afterFailure(error: unknown): number | null {
    const { logger, intervalMs, random } = this.#options;
    if (this.#isClosed) return null;
    if (error instanceof ErpKeepsNoChanges) {
      logger.info("the ERP keeps no changes: answers are forgotten by their windows, and by `invalidate`");
      return null;
    }
    this.#failuresInARow += 1;
    const isLost = error instanceof ErpCursorLost || (this.#isUntried && error instanceof ErpBadAnswer);
    this.#options.onPoll?.(isLost ? "lost" : "failed");
    if (this.#failuresInARow === 1) logger.warn({ err: error }, "the ERP's changes could not be read");
    if (isLost) this.#cursor = null;
    // The newest cursor is read at once after one was lost; after that, it waits as for any failure.
    if (isLost && this.#failuresInARow === 1) return 0;
    const backOffMs = Math.min(intervalMs * 2 ** Math.min(this.#failuresInARow, 20), longestWaitMs);
    const askedForMs = error instanceof GatewayError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
    return Math.max(Math.max(backOffMs, intervalMs) * (0.5 + random() / 2), askedForMs);
  }
}
