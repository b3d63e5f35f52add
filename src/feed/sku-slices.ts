import type { RunPlace } from "./feed-cursor.js";
import type { FeedSkus, NextSkus } from "./feed-skus.js";

/** The most that a page of the ERP's list holds: its calls come one after the other, so they should be few. */
const listedAtOnce = 1_000;
/** Pages of the list that are read before their SKUs are: a slow one among them then holds up nobody. Names alone, some 50 kB a page. */
const listedAhead = 4;

/**
 * The rest of a run in slices of `size`, the list read ahead of them: an ERP answers its pages one by one, and what is in them should
 * not wait for that.
 * @param deadline gives the instant by which a page of the list begun now must be read, in ms since the epoch
 * @param signal ends the reading ahead
 */
export async function* sliceSkus(
  source: FeedSkus,
  place: RunPlace,
  size: number,
  deadline: () => number,
  signal: AbortSignal,
): AsyncGenerator<NextSkus, void> {
  const list = new ListAhead((from) => source.read(from, listedAtOnce, deadline()), place, signal);
  for (let page = list.take(); page !== null; page = list.take()) {
    const listed = await page;
    for (let from = 0; from < Math.max(listed.skus.length, 1); from += size) yield sliceOf(listed, from, size);
  }
}

/** Reads the pages of a list one after the other, a few ahead of who takes them. */
class ListAhead {
  readonly #read: (from: RunPlace) => Promise<NextSkus>;
  readonly #signal: AbortSignal;
  /** In the list's order; the last one may be under way. */
  readonly #pages: Promise<NextSkus>[] = [];
  /** Where the next page begins; null while that is not known, and after the last one. */
  #next: RunPlace | null;

  constructor(read: (from: RunPlace) => Promise<NextSkus>, place: RunPlace, signal: AbortSignal) {
    this.#read = read;
    this.#signal = signal;
    this.#next = place;
    this.#readOn();
  }

  /** The next page, or the reason why it cannot be read, which ends the list; null after the last. */
  take(): Promise<NextSkus> | null {
    const page = this.#pages.shift() ?? null;
    this.#readOn();
    return page;
  }

  #readOn(): void {
    const from = this.#next;
    if (from === null || this.#pages.length >= listedAhead || this.#signal.aborted) return;
    this.#next = null;
    const page = this.#read(from);
    this.#pages.push(page);
    page.then(
      (listed) => {
        const all = listed.skus.length;
        if (listed.hasMoreAfter(all)) this.#next = listed.placeAfter(all);
        this.#readOn();
      },
      () => {}, // it is told when its turn comes
    );
  }
}

function sliceOf(listed: NextSkus, from: number, size: number): NextSkus {
  return {
    skus: listed.skus.slice(from, from + size),
    placeAfter: (count) => listed.placeAfter(from + count),
    hasMoreAfter: (count) => listed.hasMoreAfter(from + count),
  };
}
