import { buyersRememberedMs, floorShare, spareShare } from "../pricing/feed-room.js";

/** Of the limit, the most that is kept for buyers because they took as much at once of late. */
const mostKeptShare = 0.75;
/** Most calls that are owed to it: what it could not use in a busy hour is no licence for the next. */
const mostOwedCalls = 10;
/** For how long the most of their calls at once is remembered, in ms: who came in a burst comes so again. */
const mostRememberedMs = 60_000;

export interface SlotsNow {
  readonly limit: number;
  readonly inFlight: number;
  /** The most calls that the feed may have under way, where that was reckoned over all replicas; null where it was not. */
  readonly feedMost: number | null;
  /** In ms since the epoch. */
  readonly now: number;
}

/**
 * What the feed may take: slots that buyers leave, and a tenth of the ERP's time where they leave none. That tenth is an
 * account: calls of buyers that end while the feed waits pay in, and calls that the feed makes pay out; those out of turn
 * each once the account holds what one took lately.
 */
export class FeedShare {
  #owedMs = 0;
  #outOfTurn = 0;
  /** How long the last call of the feed took, or of buyers while it made none, in ms. */
  #callMs = 0;
  #hasCalled = false;
  #buyersSeenAt = Number.NEGATIVE_INFINITY;
  #feedCalls = 0;
  #buyersCalls = 0;
  /** The most calls of buyers at once, of late, and when there were as many. */
  #mostBuyersCalls = 0;
  #mostBuyersAt = Number.NEGATIVE_INFINITY;

  /** Whether the feed's turn has come although buyers wait. */
  isDue({ limit }: SlotsNow): boolean {
    return (
      this.#owedMs > 0 && this.#owedMs >= this.#callMs && this.#outOfTurn < Math.max(Math.floor(limit * floorShare), 1)
    );
  }

  /**
   * Whether the feed may take a slot that no buyer waits for. One that is pressed leaves fewer for buyers who may come: else what waits
   * after a busy hour is never worked off, and each question comes just too late.
   */
  hasRoom({ limit, inFlight, feedMost, now }: SlotsNow, isPressed: boolean): boolean {
    if (feedMost !== null) return inFlight < limit && this.#feedCalls < feedMost;
    const isQuiet = now - this.#buyersSeenAt > buyersRememberedMs;
    if (isQuiet || limit === 1) return inFlight < limit;
    const spare = Math.ceil(limit * spareShare);
    const bought = isPressed ? 0 : Math.min(this.#mostBuyersCalls, Math.floor(limit * mostKeptShare));
    const kept = Math.max(spare, bought);
    return inFlight < limit - spare && this.#feedCalls < limit - kept;
  }

  /** @returns what to call when the call has ended */
  onFeedCall(now: number, isOutOfTurn: boolean): (now: number) => void {
    this.#feedCalls++;
    if (isOutOfTurn) this.#outOfTurn++;
    return (endedAt) => {
      const tookMs = endedAt - now;
      this.#feedCalls--;
      this.#callMs = tookMs;
      this.#hasCalled = true;
      if (isOutOfTurn) this.#outOfTurn--;
      // What it got in turn is a part of its tenth: it is owed nothing while buyers leave as much.
      this.#owedMs = isOutOfTurn ? this.#owedMs - tookMs : Math.max(this.#owedMs - tookMs, Math.min(this.#owedMs, 0));
    };
  }

  /** @returns what to call when the call has ended, and whether the feed waits then */
  onBuyersCall(now: number): (now: number, feedWaits: boolean) => void {
    this.#buyersSeenAt = now;
    this.#buyersCalls++;
    if (this.#buyersCalls >= this.#mostBuyersCalls || now - this.#mostBuyersAt > mostRememberedMs) {
      this.#mostBuyersCalls = this.#buyersCalls;
      this.#mostBuyersAt = now;
    }
    return (endedAt, feedWaits) => {
      this.#buyersCalls--;
      this.#buyersSeenAt = endedAt;
      if (!this.#hasCalled) this.#callMs = endedAt - now;
      if (!feedWaits) return;
      const callMs = Math.max(endedAt - now, 0);
      const owedMs = this.#owedMs + (callMs * floorShare) / (1 - floorShare);
      this.#owedMs = Math.min(owedMs, mostOwedCalls * Math.max(this.#callMs, callMs));
    };
  }
}
