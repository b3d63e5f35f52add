import type { RunPlace } from "./feed-cursor.js";
import type { FeedSkus, NextSkus } from "./feed-skus.js";

/** The most that a page of the ERP's list holds: its calls come one after the other, so they should be few. */
const listedAtOnce = 1_000;

/**
 * The rest of a run in slices of `size`, the list read one page ahead of them: an ERP answers its pages one by one, and what is
 * in them should not wait for that.
 * @param deadline gives the instant by which a page of the list begun now must be read, in ms since the epoch
 */
export async function* sliceSkus(
  source: FeedSkus,
  place: RunPlace,
  size: number,
  deadline: () => number,
): AsyncGenerator<NextSkus, void> {
  const read = (from: RunPlace) => {
    const reading = source.read(from, listedAtOnce, deadline());
    reading.catch(() => {}); // it is told when its turn comes
    return reading;
  };
  let ahead: Promise<NextSkus> | null = read(place);
  while (ahead !== null) {
    const listed: NextSkus = await ahead;
    const all = listed.skus.length;
    ahead = listed.hasMoreAfter(all) ? read(listed.placeAfter(all)) : null;
    for (let from = 0; from < Math.max(all, 1); from += size) yield sliceOf(listed, from, size);
  }
}

function sliceOf(listed: NextSkus, from: number, size: number): NextSkus {
  return {
    skus: listed.skus.slice(from, from + size),
    placeAfter: (count) => listed.placeAfter(from + count),
    hasMoreAfter: (count) => listed.hasMoreAfter(from + count),
  };
}
