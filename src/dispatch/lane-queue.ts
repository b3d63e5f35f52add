import { type Ask, type Key, type Lane, lanes } from "../pricing/source.js";
import type { Flight, Standing } from "./flight.js";
import { RankedList } from "./ranked-list.js";

type FlightList<K extends Key, Answer> = RankedList<Flight<K, Answer>>;
/** Those of a group that could leave; a lane of which none waits, or none did, may be missing. */
type Group<K extends Key, Answer> = Partial<Record<Lane, FlightList<K, Answer>>>;

/**
 * The flights of one kind that wait for a slot, by lane, and again by group. Checkout leaves by the earliest deadline; the
 * storefront newest first, since who came just now has most time left and is surely still there; the feed in the order it came.
 */
export class LaneQueue<K extends Key, Answer> {
  /** Those, too, that may not leave yet: they rest, or the same question is under way. */
  readonly #byId = new Map<string, Flight<K, Answer>>();
  readonly #lanes: Record<Lane, FlightList<K, Answer>> = {
    checkout: new RankedList(),
    storefront: new RankedList(),
    feed: new RankedList(),
  };
  readonly #groups = new Map<string, Group<K, Answer>>();
  #standingSince: number | null = null;

  get size(): number {
    return this.#byId.size;
  }

  /** Since when the storefront's queue has not been empty, in ms since the epoch; null while it is. */
  get standingSince(): number | null {
    return this.#standingSince;
  }

  get(id: string): Flight<K, Answer> | undefined {
    return this.#byId.get(id);
  }

  has(flight: Flight<K, Answer>): boolean {
    return this.get(flight.key.id) === flight;
  }

  /** All that wait, those that may not leave yet among them. What is found may be removed meanwhile. */
  flights(): Iterable<Flight<K, Answer>> {
    return this.#byId.values();
  }

  /** Those of a lane that could leave, first the one that is to leave first. */
  lane(lane: Lane): FlightList<K, Answer> {
    return this.#lanes[lane];
  }

  /** Those that could leave in one call with it, itself included. */
  groupOf(flight: Flight<K, Answer>): Group<K, Answer> | undefined {
    return this.#groups.get(flight.group);
  }

  /** Keeps a flight that may not leave yet. */
  park(flight: Flight<K, Answer>): void {
    this.#byId.set(flight.key.id, flight);
  }

  /** Lets a flight leave that waits, or is new. @param now ms since the epoch */
  release(flight: Flight<K, Answer>, now: number): void {
    if (flight.standing !== null) return;
    this.#byId.set(flight.key.id, flight);
    flight.waitingSince = now;
    flight.standing = this.#stand(flight);
  }

  /** Joins a flight that waits, which moves up where `ask` is more urgent. */
  join(flight: Flight<K, Answer>, ask: Pick<Ask, "lane" | "deadline">, now: number): void {
    const { lane, dueAt } = flight;
    flight.join(ask);
    const isMoved = flight.lane !== lane || (lane === "checkout" && flight.dueAt !== dueAt);
    if (!isMoved || flight.standing === null) return;
    this.#unstand(flight, flight.standing);
    this.release(flight, now);
  }

  remove(flight: Flight<K, Answer>): void {
    // Another flight for the same key may wait behind one that was sent.
    if (!this.has(flight)) return;
    this.#byId.delete(flight.key.id);
    if (flight.standing !== null) this.#unstand(flight, flight.standing);
  }

  #stand(flight: Flight<K, Answer>): Standing<K, Answer> {
    const { lane } = flight;
    let group = this.#groups.get(flight.group);
    if (group === undefined) {
      group = {};
      this.#groups.set(flight.group, group);
    }
    const list = group[lane] ?? new RankedList();
    group[lane] = list;
    const rank = rankOf(flight);
    if (lane === "storefront") this.#standingSince ??= flight.waitingSince;
    return { lane, inLane: this.#lanes[lane].add(flight, rank), group: list, inGroup: list.add(flight, rank) };
  }

  #unstand(flight: Flight<K, Answer>, { lane, inLane, group, inGroup }: Standing<K, Answer>): void {
    flight.standing = null;
    this.#lanes[lane].remove(inLane);
    group.remove(inGroup);
    if (group.length === 0 && this.#isEmpty(flight.group)) this.#groups.delete(flight.group);
    if (this.#lanes.storefront.length === 0) this.#standingSince = null;
  }

  #isEmpty(name: string): boolean {
    const group = this.#groups.get(name);
    return lanes.every((lane) => (group?.[lane]?.length ?? 0) === 0);
  }
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
