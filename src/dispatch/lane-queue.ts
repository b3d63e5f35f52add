import { type Ask, type Key, type Lane, lanes } from "../pricing/source.js";
import type { Flight } from "./flight.js";

/**
 * The flights of one kind that wait for a slot, by lane. Checkout leaves by the earliest deadline; the storefront newest
 * first, since who came just now has most time left and is surely still there; the feed in the order it came.
 */
export class LaneQueue<K extends Key, Answer> {
  readonly #lanes: Record<Lane, Map<string, Flight<K, Answer>>> = {
    checkout: new Map(),
    storefront: new Map(),
    feed: new Map(),
  };
  #standingSince: number | null = null;

  get size(): number {
    return lanes.reduce((sum, lane) => sum + this.#lanes[lane].size, 0);
  }

  /** Since when the storefront's queue has not been empty, in ms since the epoch; null while it is. */
  get standingSince(): number | null {
    return this.#standingSince;
  }

  get(id: string): Flight<K, Answer> | undefined {
    return this.#lanes.checkout.get(id) ?? this.#lanes.storefront.get(id) ?? this.#lanes.feed.get(id);
  }

  /** @param now ms since the epoch */
  add(flight: Flight<K, Answer>, now: number): void {
    flight.waitingSince = now;
    this.#lanes[flight.lane].set(flight.key.id, flight);
    if (flight.lane === "storefront") this.#standingSince ??= now;
  }

  /** Joins a flight that waits, which moves up where the lane of `ask` is a higher one. */
  join(flight: Flight<K, Answer>, ask: Pick<Ask, "lane" | "deadline">, now: number): void {
    const before = flight.lane;
    flight.join(ask);
    if (flight.lane === before) return;
    this.#lanes[before].delete(flight.key.id);
    this.#noteEmpty();
    this.add(flight, now);
  }

  remove(flight: Flight<K, Answer>): void {
    const lane = this.#lanes[flight.lane];
    // Another flight for the same key may wait behind one that was sent.
    if (lane.get(flight.key.id) === flight) lane.delete(flight.key.id);
    this.#noteEmpty();
  }

  /** The flights of these lanes, first the one that is to leave first. What is found may be removed meanwhile. */
  *inOrder(of: readonly Lane[]): Generator<Flight<K, Answer>, void> {
    for (const lane of of) {
      if (lane === "checkout") yield* [...this.#lanes.checkout.values()].sort((one, other) => one.dueAt - other.dueAt);
      else if (lane === "storefront") yield* newestFirst([...this.#lanes.storefront.values()]);
      else yield* this.#lanes.feed.values();
    }
  }

  #noteEmpty(): void {
    if (this.#lanes.storefront.size === 0) this.#standingSince = null;
  }
}

/** From the last to the first, but in their own order where they came at one instant, as the keys of one request do. */
function* newestFirst<F extends { readonly waitingSince: number }>(flights: readonly F[]): Generator<F, void> {
  for (let end = flights.length; end > 0; ) {
    let start = end - 1;
    while (start > 0 && flights[start - 1]?.waitingSince === flights[end - 1]?.waitingSince) start--;
    for (let index = start; index < end; index++) yield flights[index] as F;
    end = start;
  }
}
