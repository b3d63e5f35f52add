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

/**
 * What the size of a batch explains of a call's latency: a + b × keys, learnt from the quickest calls of late, which
 * met no queue. Sizes fall into classes that double, and each class keeps the minimum of two windows, so that all is
 * forgotten after a quiet time and no slow hour is held against the next one.
 */
export class LatencyModel {
  #current = new Map<number, Quickest>();
  #previous = new Map<number, Quickest>();
  #windowEndsAt = Number.NEGATIVE_INFINITY;

  /** @param now ms since the epoch */
  learn(keys: number, ms: number, now: number): void {
    this.#turnWindow(now);
    const sizeClass = classOf(keys);
    const quickest = this.#current.get(sizeClass);
    if (quickest === undefined || ms < quickest.ms) this.#current.set(sizeClass, { keys, ms });
  }

  /** How long a call of so many keys takes an ERP that has nothing else to do, in ms; null where none was seen of late. */
  explained(keys: number, now: number): number | null {
    this.#turnWindow(now);
    const points = this.#points();
    if (points.length === 0) return null;
    const seen = points.find((point) => classOf(point.keys) === classOf(keys));
    return Math.max(lineThrough(points)(keys), seen?.ms ?? 0);
  }

  #turnWindow(now: number): void {
    if (now < this.#windowEndsAt) return;
    const isRecent = now < this.#windowEndsAt + windowMs;
    this.#previous = isRecent ? this.#current : new Map();
    this.#current = new Map();
    this.#windowEndsAt = now + windowMs;
  }

  #points(): Quickest[] {
    const quickest = new Map(this.#previous);
    for (const [sizeClass, point] of this.#current) {
      const before = quickest.get(sizeClass);
      if (before === undefined || point.ms < before.ms) quickest.set(sizeClass, point);
    }
    return [...quickest.values()];
  }
}

function classOf(keys: number): number {
  return Math.floor(Math.log2(keys));
}

/** Least squares; a bigger batch never takes less. */
function lineThrough(points: readonly Quickest[]): (keys: number) => number {
  const meanKeys = points.reduce((sum, { keys }) => sum + keys, 0) / points.length;
  const meanMs = points.reduce((sum, { ms }) => sum + ms, 0) / points.length;
  const spread = points.reduce((sum, { keys }) => sum + (keys - meanKeys) ** 2, 0);
  const shared = points.reduce((sum, { keys, ms }) => sum + (keys - meanKeys) * (ms - meanMs), 0);
  const msPerKey = spread === 0 ? 0 : Math.max(shared / spread, 0);
  return (keys) => meanMs + msPerKey * (keys - meanKeys);
}
