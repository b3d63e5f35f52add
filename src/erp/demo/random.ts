/** What a number is drawn for, so that two uses of one SKU or customer never repeat each other's luck. */
export const luck = {
  price: 1,
  decimals: 2,
  priceMove: 3,
  stockLevel: 4,
  stockCycle: 5,
  backorder: 6,
  leadTime: 7,
  company: 8,
  terms: 9,
  credit: 10,
  contract: 11,
  netPrice: 12,
  cursor: 13,
} as const;

/**
 * A number that is always the same for the same arguments, so that nothing needs to be stored: 0 to 2³² − 1, evenly
 * spread. The steps are MurmurHash3's finaliser (Austin Appleby, public domain).
 */
export function draw(seed: number, ...parts: readonly number[]): number {
  // The seed is mixed before it meets the first part: small numbers would otherwise cancel each other out.
  let hash = mix(0x5bd1e995, seed);
  for (const part of parts) hash = mix(hash, part);
  return hash >>> 0;
}

function mix(state: number, part: number): number {
  let hash = Math.imul(state ^ part, 0x9e3779b1);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The item that a drawn number points to. @param items at least one */
export function pick<Item>(items: readonly Item[], drawn: number): Item {
  return items[drawn % items.length]!;
}

/** A copy in another order. @param random 0 to below 1 */
export function shuffled<Item>(items: readonly Item[], random: () => number): Item[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    [copy[last], copy[other]] = [copy[other]!, copy[last]!];
  }
  return copy;
}
