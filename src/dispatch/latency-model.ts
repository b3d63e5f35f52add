/**
 * How long the minima of one window are believed, in ms: an ERP that became slower for good (more rows, another host) is
 * measured against its new self after at most two of them.
 */
const windowMs = 60_000;

/** The quickest call of one class of sizes. */
interface Quickest {
  readonly keys: number;
  readonly ms: number;
}

/** By class of sizes; a class of which no call was seen is a hole. */
type QuickestByClass = (Quickest | undefined)[];

/**
 * What the size of a batch explains of a call's latency: a + b × keys, learnt from the quickest calls of late, which
 * met no queue. Sizes fall into classes that double, and each class keeps the minimum of two windows, so that all is
 * forgotten after a quiet time and no slow hour is held against the next one.
 */
export class LatencyModel {
  #current: QuickestByClass = [];
  #previous: QuickestByClass = [];
  #windowEndsAt = Number.NEGATIVE_INFINITY;

  /** @param now ms since the epoch */
  learn(keys: number, ms: number, now: number): void {
    this.#turnWindow(now);
    const sizeClass = classOf(keys);
    const quickest = this.#current[sizeClass];
    if (quickest === undefined || ms < quickest.ms) this.#current[sizeClass] = { keys, ms };
  }

  /** How long a call of so many keys takes an ERP that has nothing else to do, in ms; null where none was seen of late. */
  explained(keys: number, now: number): number | null {
    this.#turnWindow(now);
    const line = this.#line();
    if (line === null) return null;
    const seen = this.#quickestOf(classOf(keys));
    return Math.max(line.meanMs + line.msPerKey * (keys - line.meanKeys), seen?.ms ?? 0);
  }

  /** The quickest calls of late, one of each class of sizes. @param now ms since the epoch */
  quickest(now: number): Quickest[] {
    this.#turnWindow(now);
    const classes = Math.max(this.#current.length, this.#previous.length);
    const quickest = Array.from({ length: classes }, (_, sizeClass) => this.#quickestOf(sizeClass));
    return quickest.filter((each) => each !== undefined);
  }

  #turnWindow(now: number): void {
    // A clock that was set back must not make one window last until it catches up.
    if (now < this.#windowEndsAt && now >= this.#windowEndsAt - windowMs) return;
    const isRecent = now >= this.#windowEndsAt && now < this.#windowEndsAt + windowMs;
    this.#previous = isRecent ? this.#current : [];
    this.#current = [];
    this.#windowEndsAt = now + windowMs;
  }

  #quickestOf(sizeClass: number): Quickest | undefined {
    const current = this.#current[sizeClass];
    const previous = this.#previous[sizeClass];
    if (current === undefined || previous === undefined) return current ?? previous;
    return current.ms < previous.ms ? current : previous;
  }

  /** Least squares; a bigger batch never takes less. */
  #line(): { meanKeys: number; meanMs: number; msPerKey: number } | null {
    const classes = Math.max(this.#current.length, this.#previous.length);
    let points = 0;
    let sumKeys = 0;
    let sumMs = 0;
    let sumSquares = 0;
    let sumProducts = 0;
    for (let sizeClass = 0; sizeClass < classes; sizeClass++) {
      const point = this.#quickestOf(sizeClass);
      if (point === undefined) continue;
      points++;
      sumKeys += point.keys;
      sumMs += point.ms;
      sumSquares += point.keys * point.keys;
      sumProducts += point.keys * point.ms;
    }
    if (points === 0) return null;
    const spread = sumSquares - (sumKeys * sumKeys) / points;
    const shared = sumProducts - (sumKeys * sumMs) / points;
    const msPerKey = points === 1 || spread <= 0 ? 0 : Math.max(shared / spread, 0);
    return { meanKeys: sumKeys / points, meanMs: sumMs / points, msPerKey };
  }
}

function classOf(keys: number): number {
  return 31 - Math.clz32(keys);
}
