/** The first SKUs, of which the rest is not looked at; at most `count`. */
export function firstOf(skus: Iterable<string>, count: number): string[] {
  const taken: string[] = [];
  for (const sku of skus) {
    if (taken.length === count) break;
    taken.push(sku);
  }
  return taken;
}
