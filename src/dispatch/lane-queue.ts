import { type Ask, type Key, type Lane, lanes } from "../pricing/source.js";
import type { Flight } from "./flight.js";
import { type Place, RankedList } from "./ranked-list.js";

type FlightList<K extends Key, Answer> = RankedList<Flight<K, Answer>>;
type ByLane<K extends Key, Answer> = Record<Lane, FlightList<K, Answer>>;

/** Where a flight stands that could leave. */
interface Standing<K extends Key, Answer> {
  readonly lane: Lane;
  readonly inLane: Place<Flight<K, Answer>>;
  readonly group: ByLane<K, Answer>;
  readonly inGroup: Place<Flight<K, Answer>>;
}

interface Waiting<K extends Key, Answer> {
  readonly flight: Flight<K, Answer>;
  /** Null while it may not leave: it rests, or the same question is under way. */
  standing: Standing<K, Answer> | null;
}

/**
 * The flights of one kind that wait for a slot, by lane, and again by group. Checkout leaves by the earliest deadline; the
 * storefront newest first, since who came just now has most time left and is surely still there; the feed in the order it came.
 */
export class LaneQueue<K extends Key, Answer> {
  readonly #byId = new Map<string, Waiting<K, Answer>>();
  readonly #lanes: ByLane<K, Answer> = listByLane();
  readonly #groups = new Map<string, ByLane<K, Answer>>();
  #standingSince: number | null = null;

  get size(): number {
    return this.#byId.size;
  }

  /** Since when the storefront's queue has not been empty, in ms since the epoch; null while it is. */
  get standingSince(): number | null {
    return this.#standingSince;
  }

  get(id: string): Flight<K, Answer> | undefined {
    return this.#byId.get(id)?.flight;
  }

  has(flight: Flight<K, Answer>): boolean {
    return this.get(flight.key.id) === flight;
  }

  /** All that wait, those that may not leave yet among them. What is found may be removed meanwhile. */
  *flights(): Generator<Flight<K, Answer>, void> {
    for (const { flight } of this.#byId.values()) yield flight;
  }

  /** Those of a lane that could leave, first the one that is to leave first. */
  lane(lane: Lane): FlightList<K, Answer> {
    return this.#lanes[lane];
  }

  /** Those that could leave in one call with it, itself included. */
  groupOf(flight: Flight<K, Answer>): ByLane<K, Answer> | undefined {
    return this.#groups.get(flight.group);
  }

  /** Keeps a flight that may not leave yet. */
  park(flight: Flight<K, Answer>): void {
    this.#byId.set(flight.key.id, { flight, standing: null });
  }

  /** Lets a flight leave that waits, or is new. @param now ms since the epoch */
  release(flight: Flight<K, Answer>, now: number): void {
    let waiting = this.#byId.get(flight.key.id);
    if (waiting === undefined) {
      waiting = { flight, standing: null };
      this.#byId.set(flight.key.id, waiting);
    }
    if (waiting.flight !== flight || waiting.standing !== null) return;
    flight.waitingSince = now;
    waiting.standing = this.#stand(flight);
  }

  /** Joins a flight that waits, which moves up where `ask` is more urgent. */
  join(flight: Flight<K, Answer>, ask: Pick<Ask, "lane" | "deadline">, now: number): void {
    const { lane, dueAt } = flight;
    flight.join(ask);
    const isMoved = flight.lane !== lane || (lane === "checkout" && flight.dueAt !== dueAt);
    const waiting = this.#byId.get(flight.key.id);
    if (!isMoved || waiting === undefined || waiting.standing === null) return;
    this.#unstand(flight, waiting.standing);
    waiting.standing = null;
    this.release(flight, now);
  }

  remove(flight: Flight<K, Answer>): void {
    const waiting = this.#byId.get(flight.key.id);
    // Another flight for the same key may wait behind one that was sent.
    if (waiting?.flight !== flight) return;
    this.#byId.delete(flight.key.id);
    if (waiting.standing !== null) this.#unstand(flight, waiting.standing);
  }

  #stand(flight: Flight<K, Answer>): Standing<K, Answer> {
    const { lane } = flight;
    let group = this.#groups.get(flight.group);
    if (group === undefined) {
      group = listByLane();
      this.#groups.set(flight.group, group);
    }
    const rank = rankOf(flight);
    if (lane === "storefront") this.#standingSince ??= flight.waitingSince;
    return { lane, inLane: this.#lanes[lane].add(flight, rank), group, inGroup: group[lane].add(flight, rank) };
  }

  #unstand(flight: Flight<K, Answer>, { lane, inLane, group, inGroup }: Standing<K, Answer>): void {
    this.#lanes[lane].remove(inLane);
    group[lane].remove(inGroup);
    if (lanes.every((each) => group[each].length === 0)) this.#groups.delete(flight.group);
    if (this.#lanes.storefront.length === 0) this.#standingSince = null;
  }
}

function listByLane<K extends Key, Answer>(): ByLane<K, Answer> {
  return { checkout: new RankedList(), storefront: new RankedList(), feed: new RankedList() };
}

function rankOf({ lane, dueAt, waitingSince }: Flight<Key, unknown>): number {
  switch (lane) {
    case "checkout":
      return dueAt;
    case "storefront":
      return -waitingSince;
    case "feed":
      return waitingSince;
  }
}
