import type { Clock } from "../clock.js";
import { ErpBadAnswer, ErpCursorLost, ErpKeepsNoChanges, GatewayError } from "../errors.js";
import type { ChangeShare, ChangeTurn, ToldChange } from "../pricing/change-share.js";
import type { ChangeLog, ChangePage } from "../pricing/connector.js";
import { everything, type Invalidation, type Reach } from "../pricing/invalidation.js";
import type { Departure, Slots } from "../pricing/slots.js";
import type { Logger } from "../telemetry/logger.js";
import type { PollOutcome } from "../telemetry/metric-names.js";
import { toInvalidations } from "./change-invalidations.js";
import { FollowPlan, type Leg } from "./follow-plan.js";

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
  readonly forget: (change: ToldChange) => number;
  /** What the records that are kept say of an invalidation; asked before any of the same page is heeded, which may forget some. */
  readonly reachOf: (invalidation: Invalidation) => Reach;
  /** Who asks, of several replicas; null or left out, each for itself. */
  readonly share?: ChangeShare | null;
  /** Where to go on from, kept from an earlier process; null or left out: from the newest cursor. */
  readonly since?: string | null;
  /** Told up to where the changes were followed and forgotten. */
  readonly onFollowed?: (cursor: string) => void;
  readonly onPoll?: (outcome: PollOutcome) => void;
}

const alone: ChangeTurn = { kind: "alone" };

/** A leader that failed so often in a row has another replica try. */
const mostFailures = 3;

/**
 * Asks the ERP again and again what changed, and has it forgotten, here and where this replica asks for all, everywhere. One call at a
 * time, which takes a slot like any other: the ERP never has more calls than it bears. It takes its turn among the kinds of question
 * rather than stand behind them all, since it is one call in an interval, and never sent while the ERP is busy it would leave answers
 * wrong just when memory serves most.
 */
export class ChangeFollower {
  readonly #log: ChangeLog;
  readonly #options: ChangeFollowerOptions;
  readonly #plan: FollowPlan;
  /** The last cursor that the ERP gave or took: another one may be an earlier process's, and that of another ERP. */
  #tried: string | null = null;
  #failuresInARow = 0;
  /** When it may be asked next, in ms since the epoch. */
  #dueAt = Number.NEGATIVE_INFINITY;
  #waitsForSlot = false;
  #isAsking = false;
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
    this.#plan = new FollowPlan(options.since ?? null, (cursor) => options.onFollowed?.(cursor));
    options.slots.join({
      waitingIn: (lane) => (lane === "storefront" && this.#waitsForSlot ? 1 : 0),
      offer: (slotClass) => (slotClass === "buyers" && this.#waitsForSlot ? this.#offer : null),
      onHeld() {}, // it can wait as long as the ERP likes
    });
  }

  start(): void {
    this.#options.share?.onTurn(() => this.#pollWhenDue());
    this.#pollWhenDue();
  }

  close(): void {
    this.#isClosed = true;
    this.#waitsForSlot = false;
    this.#cancelTimer();
    this.#closing.abort();
  }

  get #turn(): ChangeTurn {
    return this.#options.share?.turn() ?? alone;
  }

  #pollWhenDue(): void {
    if (this.#isClosed || this.#isAsking) return;
    this.#cancelTimer();
    this.#waitsForSlot = false;
    // Where another one asks, a turn of its own wakes it.
    if (this.#plan.next(this.#turn) === null) return;
    const waitMs = this.#dueAt - this.#options.clock.now();
    if (waitMs > 0) {
      this.#cancelTimer = this.#options.clock.after(waitMs, () => this.#pollWhenDue());
      return;
    }
    this.#waitsForSlot = true;
    this.#options.slots.deal();
  }

  async #pollInSlot(giveBack: () => void): Promise<void> {
    // While it waited for the slot its turn may have passed.
    const leg = this.#plan.next(this.#turn);
    if (leg === null) return giveBack();
    this.#isAsking = true;
    const told = await this.#read(leg).then(
      (page) => this.#forget(leg, page),
      (error: unknown) => this.#afterFailure(leg, error),
    );
    giveBack();
    const waitMs = typeof told === "number" ? told : await this.#tell(told);
    this.#isAsking = false;
    this.#dueAt = this.#options.clock.now() + waitMs;
    this.#pollWhenDue();
  }

  async #read({ since }: Leg): Promise<ChangePage> {
    const { clock, timeoutMs } = this.#options;
    const timeout = new AbortController();
    const cancel = clock.after(timeoutMs, () => timeout.abort());
    try {
      const signal = AbortSignal.any([timeout.signal, this.#closing.signal]);
      const page = await this.#log.readChanges(since, pageSize, signal);
      // A cursor that stands still with more behind it would be asked for without end.
      if (page.more && page.next === since) throw new ErpBadAnswer("more changes wait behind the cursor given");
      return page;
    } finally {
      cancel();
    }
  }

  #forget(leg: Leg, page: ChangePage): Brought {
    const { logger, forget, onPoll, reachOf } = this.#options;
    this.#tried = page.next;
    // What changed before the first cursor is not told: whatever was asked before it came may be out of date.
    const invalidations = leg.since === null ? [everything] : toInvalidations(page.changes);
    const told = invalidations.map((invalidation) => ({ invalidation, reach: reachOf(invalidation) }));
    const forgotten = this.#isClosed ? 0 : told.reduce((sum, change) => sum + forget(change), 0);
    if (page.changes.length > 0) logger.debug({ changes: page.changes.length, forgotten }, "the ERP told changes");
    if (this.#failuresInARow > 0) logger.info("the ERP's changes are followed again");
    this.#failuresInARow = 0;
    onPoll?.("read");
    return { leg, page, told };
  }

  /** Of what it is asked for all, nothing counts as followed that was not told. @returns after how many ms to ask again */
  async #tell({ leg, page, told }: Brought): Promise<number> {
    const { share, intervalMs, logger } = this.#options;
    if (this.#isClosed) return 0;
    try {
      if (leg.kind === "lead") await share?.tell(told, page.next);
    } catch (error) {
      logger.debug(
        { err: error },
        "what the ERP changed could not be told to the other replicas, and is asked for again",
      );
      return intervalMs;
    }
    this.#plan.done(leg, page.next, page.more);
    // One that caught up may be the one that asks for all.
    return page.more || leg.kind === "catch-up" ? 0 : intervalMs;
  }

  /** @returns after how many ms to ask again */
  #afterFailure(leg: Leg, error: unknown): number {
    const { logger, intervalMs, random, share } = this.#options;
    if (this.#isClosed) return 0;
    if (error instanceof ErpKeepsNoChanges) {
      logger.info("the ERP keeps no changes: answers are forgotten by their windows, and by `invalidate`");
      share?.pass(Number.POSITIVE_INFINITY);
      this.close();
      return 0;
    }
    this.#failuresInARow += 1;
    const isUntried = leg.since !== null && leg.since !== this.#tried;
    const isLost = error instanceof ErpCursorLost || (isUntried && error instanceof ErpBadAnswer);
    this.#options.onPoll?.(isLost ? "lost" : "failed");
    if (this.#failuresInARow === 1) logger.warn({ err: error }, "the ERP's changes could not be read");
    if (isLost) this.#plan.lose(leg);
    // The newest cursor is read at once after one was lost; after that, it waits as for any failure.
    if (isLost && this.#failuresInARow === 1) return 0;
    const backOffMs = Math.min(intervalMs * 2 ** Math.min(this.#failuresInARow, 20), longestWaitMs);
    const askedForMs = error instanceof GatewayError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
    const waitMs = Math.max(Math.max(backOffMs, intervalMs) * (0.5 + random() / 2), askedForMs);
    if (leg.kind === "lead" && this.#failuresInARow >= mostFailures) share?.pass(waitMs);
    return waitMs;
  }
}

/** What was read and forgotten here. */
interface Brought {
  readonly leg: Leg;
  readonly page: ChangePage;
  readonly told: readonly ToldChange[];
}
