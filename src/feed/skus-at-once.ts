import type { FeedWants } from "./feed-page.js";

/** What the ERP can be asked at once. */
export interface ErpCapacity {
  /** Most calls under way at present. */
  readonly calls: number;
  /** Most keys of one call, of whichever kind takes more. */
  readonly keysPerCall: number;
}

/** Full calls of each kind that wait for the slots that come free next: two may do so in one breath. */
const callsWaiting = 2;
/** However much the ERP could take: what is read and not yet told lies in memory, some 3 kB each. */
const mostAtOnce = 8_000;

/**
 * How many SKUs a run has under way at a time: as few as keep every slot of an idle ERP filled with full calls. A page of which some
 * are answered is no longer all of that, so it takes one page more.
 */
export function skusAtOnce(
  { calls, keysPerCall }: ErpCapacity,
  { wants, isDelta }: { readonly wants: FeedWants; readonly isDelta: boolean },
): number {
  const kinds = (wants.price || isDelta ? 1 : 0) + (wants.stock ? 1 : 0);
  return Math.min(Math.ceil((calls / Math.max(kinds, 1) + callsWaiting) * keysPerCall), mostAtOnce);
}
