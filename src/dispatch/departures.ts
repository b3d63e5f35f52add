import type { SlotClass } from "../pricing/slots.js";
import { type ErpSource, type Key, type Lane, lanes } from "../pricing/source.js";
import type { DispatchDecision } from "../telemetry/metric-names.js";
import type { Flight } from "./flight.js";
import { LaneQueue } from "./lane-queue.js";
import { queueStands, tooLate } from "./refusals.js";
import { shedBefore } from "./shedding.js";

/** What is known of the ERP when a call could be sent. */
export interface Outlook {
  /** In ms since the epoch. */
  readonly now: number;
  /** How long a call of this kind takes of late, in ms; null where none was seen. */
  readonly callMs: number | null;
  /** How long all but the slowest take, likewise. */
  readonly slowCallMs: number | null;
  /** Whether no call of this kind is under way. */
  readonly isIdle: boolean;
}

export interface DeparturesOptions<K extends Key, Answer> {
  readonly erp: Pick<ErpSource<K, Answer>, "keysPerCall">;
  readonly outlook: () => Outlook;
  /** Ends a flight that was not sent. */
  readonly refuse: (flight: Flight<K, Answer>, error: Error, decision: DispatchDecision) => void;
}

const lanesOf: Record<SlotClass, readonly Lane[]> = { buyers: ["checkout", "storefront"], feed: ["feed"] };

/** Keys of lower lanes ride along for free up to this many, or up to as many as there are of the own lane: more would cost it time. */
const fewRiders = 10;

/** Decides which flights leave next and together, and which will not leave at all. */
export class Departures<K extends Key, Answer> {
  readonly queue = new LaneQueue<K, Answer>();
  readonly #options: DeparturesOptions<K, Answer>;

  constructor(options: DeparturesOptions<K, Answer>) {
    this.#options = options;
  }

  /**
   * The flight that is to leave first; null where none can. Those ahead of it that could not be answered in time are refused. Where
   * there are only such and the ERP is idle, one is sent all the same: else nobody would learn that it is quick again.
   */
  first(slotClass: SlotClass): Flight<K, Answer> | null {
    const { now, callMs, slowCallMs, isIdle } = this.#options.outlook();
    // A buyer is worth a call that may come too late. The feed's queue may stand at its deadlines, where every other would.
    const expectedMs = (slotClass === "feed" ? slowCallMs : callMs) ?? 0;
    let late: Flight<K, Answer>[] | null = null;
    for (const lane of lanesOf[slotClass]) {
      for (let place = this.queue.lane(lane).first; place !== null; place = place.after) {
        const flight = place.member;
        if (now + expectedMs <= flight.deadline && now < flight.deadline) {
          if (late !== null) this.#refuseLate(late);
          return flight;
        }
        late ??= [];
        late.push(flight);
      }
    }
    if (late === null) return null;
    const last = isIdle ? (late.find(({ deadline }) => now < deadline) ?? null) : null;
    if (last === null) this.#refuseLate(late);
    return last;
  }

  /** Takes `first` out of the queue with all that shares its call, and sheds what has been left behind for too long. */
  take(first: Flight<K, Answer>): Flight<K, Answer>[] {
    const batch = this.#batchAround(first);
    for (const flight of batch) this.queue.remove(flight);
    this.#shed();
    return batch;
  }

  #batchAround(first: Flight<K, Answer>): Flight<K, Answer>[] {
    const { keysPerCall } = this.#options.erp;
    const batch = [first];
    const group = this.queue.groupOf(first);
    let riders = 0;
    for (const lane of lanes) {
      const isLower = lanes.indexOf(lane) > lanes.indexOf(first.lane);
      for (let place = group?.[lane]?.first ?? null; place !== null; place = place.after) {
        if (batch.length >= keysPerCall) return batch;
        if (place.member === first) continue;
        if (isLower) {
          if (riders >= Math.max(fewRiders, batch.length - riders)) return batch;
          riders++;
        }
        batch.push(place.member);
      }
    }
    return batch;
  }

  #shed(): void {
    const { now, callMs } = this.#options.outlook();
    const cameBefore = shedBefore(this.queue.standingSince, callMs ?? 0, now);
    if (cameBefore === null) return;
    const error = queueStands();
    const storefront = this.queue.lane("storefront");
    while (storefront.last !== null && storefront.last.member.waitingSince < cameBefore) {
      this.#options.refuse(storefront.last.member, error, "shed");
    }
  }

  #refuseLate(flights: readonly Flight<K, Answer>[]): void {
    const error = tooLate();
    for (const flight of flights) this.#options.refuse(flight, error, "late");
  }
}
