import type { Clock } from "../clock.js";
import type { Departure, SlotClass, Slots, SlotUser } from "../pricing/slots.js";
import type { Lane } from "../pricing/source.js";
import type { Limit } from "./concurrency-limit.js";
import { FeedShare } from "./feed-share.js";

/**
 * Enforces the limit on calls in flight at one ERP, over all kinds of question, and deals out its slots. One is taken before
 * a call is sent and given back when the ERP has answered, or can be expected to have stopped working on a call given up.
 */
export class CallSlots implements Slots {
  readonly limit: Limit;
  readonly #clock: Clock;
  readonly #feed = new FeedShare();
  #feedMost: () => number | null = () => null;
  #onShort: (() => void) | null = null;
  readonly #inFlightOf: Record<Lane, number> = { checkout: 0, storefront: 0, feed: 0 };
  #inFlight = 0;
  #isWakeSet = false;
  #toldHeldUntil = Number.NEGATIVE_INFINITY;
  /** Whose turn is next among equals stands first. */
  readonly #users: SlotUser[] = [];

  constructor(limit: Limit, clock: Clock) {
    this.limit = limit;
    this.#clock = clock;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** What this lane could make use of: the calls that left for it, whatever they took along, and what waits for a slot. */
  demandOf(lane: Lane): number {
    return this.#users.reduce((sum, user) => sum + user.waitingIn(lane), this.#inFlightOf[lane]);
  }

  /** Whether something of the feed has waited for more than half of its time. To look is to refuse what would be answered too late. */
  get isFeedPressed(): boolean {
    return this.#users.some((user) => user.offer("feed")?.isPressed === true);
  }

  /** From now on the feed takes no more slots than this, but for its own turns; null leaves it to what is seen here. */
  boundFeedBy(feedMost: () => number | null): void {
    this.#feedMost = feedMost;
  }

  /** Has it told when a buyer waits although no call is held back but by the limit. */
  whenShort(listener: () => void): void {
    this.#onShort = listener;
  }

  /** For how long no call may be sent because the ERP asked so, in ms; 0 where it did not. */
  get heldMs(): number {
    return Math.max(this.limit.heldUntil - this.#clock.now(), 0);
  }

  join(user: SlotUser): void {
    this.#users.push(user);
  }

  /** Deals out the slots that are free, the most pressing question first. */
  deal(): void {
    if (this.heldMs > 0) {
      this.#tellHeld();
      this.#wakeWhenReleased();
      return;
    }
    while (this.#inFlight < this.limit.current) {
      const buyer = this.#mostUrgent("buyers");
      // A checkout that waits goes before the feed's own turn, which then comes as soon as none does.
      const isFeedDue = buyer?.departure.isCheckout !== true && this.#feed.isDue(this.#now());
      const isSent = (isFeedDue && this.#sendFeed(true)) || this.#sendBuyer(buyer) || this.#sendFeed(false);
      if (!isSent) return;
    }
    if (this.#onShort !== null && this.#mostUrgent("buyers") !== null) this.#onShort();
  }

  #sendBuyer(best: Offer | null): boolean {
    if (best === null) return false;
    const end = this.#feed.onBuyersCall(this.#clock.now());
    const lane = best.departure.isCheckout ? "checkout" : "storefront";
    this.#give(best, lane, () => end(this.#clock.now(), this.#mostUrgent("feed") !== null));
    return true;
  }

  #sendFeed(isOutOfTurn: boolean): boolean {
    // To look who waits costs more than to see that none may leave.
    if (!isOutOfTurn && !this.#feed.hasRoom(this.#now(), true)) return false;
    const best = this.#mostUrgent("feed");
    if (best === null) return false;
    if (!isOutOfTurn && !best.departure.isPressed && !this.#feed.hasRoom(this.#now(), false)) return false;
    const end = this.#feed.onFeedCall(this.#clock.now(), isOutOfTurn);
    this.#give(best, "feed", () => end(this.#clock.now()));
    return true;
  }

  #give({ user, departure }: Offer, lane: Lane, onEnd: () => void): void {
    this.#inFlight++;
    this.#inFlightOf[lane]++;
    // Turn by turn, so that no kind of question starves behind another one's queue.
    if (this.#users.at(-1) !== user) {
      this.#users.splice(this.#users.indexOf(user), 1);
      this.#users.push(user);
    }
    departure.send(() => {
      this.#inFlight--;
      this.#inFlightOf[lane]--;
      onEnd();
      this.deal();
    });
  }

  #mostUrgent(slotClass: SlotClass): Offer | null {
    let best: Offer | null = null;
    for (const user of this.#users) {
      const departure = user.offer(slotClass);
      if (departure !== null && (best === null || isMorePressing(departure, best.departure)))
        best = { user, departure };
    }
    return best;
  }

  #now() {
    return { limit: this.limit.current, inFlight: this.#inFlight, feedMost: this.#feedMost(), now: this.#clock.now() };
  }

  #tellHeld(): void {
    const { heldUntil } = this.limit;
    if (heldUntil === this.#toldHeldUntil) return;
    this.#toldHeldUntil = heldUntil;
    for (const user of this.#users) user.onHeld(heldUntil);
  }

  #wakeWhenReleased(): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.#clock.after(this.heldMs, () => {
      this.#isWakeSet = false;
      this.deal();
    });
  }
}

interface Offer {
  readonly user: SlotUser;
  readonly departure: Departure;
}

function isMorePressing(one: Departure, other: Departure): boolean {
  if (one.isCheckout !== other.isCheckout) return one.isCheckout;
  if ((one.isPressed ?? false) !== (other.isPressed ?? false)) return one.isPressed === true;
  return one.isCheckout && one.dueAt < other.dueAt;
}
