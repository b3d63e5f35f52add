/**
 * A wait for a slot that nobody minds, in ms, and for how long a queue may stand before it is called a standing one: a
 * good queue drains within a round trip, a bad one stays. Source: RFC 8289 (CoDel), which sets the interval to the longest usual
 * round trip, here a slow call of an ERP, and the target to a tenth of it. A page is to have its prices in about 100 ms.
 */
const targetMs = 100;
const intervalMs = 1_000;
/** Where calls take longer than those, a queue gets the time of so many calls to drain. */
const callsToDrain = 4;

/**
 * From when on a flight of the storefront that is left behind must have waited not to be shed, in ms since the epoch;
 * null while none is shed, since the queue drained of late.
 * @param standingSince since when the queue has not been empty. @param callMs how long a call takes at present
 */
export function shedBefore(standingSince: number | null, callMs: number, now: number): number | null {
  if (standingSince === null || now - standingSince < Math.max(intervalMs, callsToDrain * callMs)) return null;
  return now - Math.max(targetMs, callMs);
}
