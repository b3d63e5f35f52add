/** What only the feed asked may take this share of the bound, which no buyer's answer takes. */
const feedShare = 0.1;
/** Of the bound, for answers that are ready. */
const readyShare = 0.125;
/** In bytes, or as numbers of answers. */
export interface Bounds {
  readonly bytes: number;
  readonly readyBytes: number;
  readonly entries: number;
  readonly feedBytes: number;
  readonly feedEntries: number;
}

/** @param maxEntries left out, as many as there is room for */
export function toBounds({
  maxBytes,
  maxEntries,
}: {
  readonly maxBytes: number;
  readonly maxEntries?: number;
}): Bounds {
  const entries = maxEntries ?? Number.POSITIVE_INFINITY;
  return {
    bytes: maxBytes,
    readyBytes: Math.ceil(maxBytes * readyShare),
    entries,
    feedBytes: maxBytes * feedShare,
    feedEntries: Math.max(1, Math.ceil(entries * feedShare)),
  };
}
