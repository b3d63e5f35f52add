/** Keys of one generation; two are kept, some hundred bytes a key. */
const mostKeys = 25_000;

/**
 * Remembers the keys of SKUs that pages show again and again: making the text of a key, and hashing it anew, costs more than finding what is
 * kept under it. Two generations: what was not asked for while a whole one came is forgotten.
 */
export class KeyMemory<Key> {
  #young = new Map<string, Map<string, Key>>();
  #old = new Map<string, Map<string, Key>>();
  #count = 0;

  /** @param group names all that the keys have in common but the SKU. @returns one key for each SKU, in their order */
  keysOf(skus: readonly string[], group: string, create: (sku: string) => Key): Key[] {
    if (this.#count + skus.length > mostKeys) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#count = 0;
    }
    const young = this.#young.get(group) ?? new Map<string, Key>();
    this.#young.set(group, young);
    const old = this.#old.get(group);
    return skus.map((sku) => {
      const known = young.get(sku);
      if (known !== undefined) return known;
      const key = old?.get(sku) ?? create(sku);
      young.set(sku, key);
      this.#count++;
      return key;
    });
  }
}
