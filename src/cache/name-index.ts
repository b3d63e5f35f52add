import type { KeyNames, NamedLists } from "../pricing/invalidation.js";

/** One id, as most names have, or several: a set for each of a million names would cost more than what it finds. */
type Ids = string | Set<string>;

/** Which keys are about whom, so that what an invalidation names is found without a walk over all that is kept. */
export class NameIndex {
  readonly #ids: Record<keyof KeyNames, Map<string, Ids>> = {
    sku: new Map(),
    customer: new Map(),
    priceScope: new Map(),
  };

  add(id: string, names: KeyNames): void {
    for (const [dimension, name] of entriesOf(names)) {
      const ids = this.#ids[dimension].get(name);
      if (ids === undefined) this.#ids[dimension].set(name, id);
      else if (typeof ids !== "string") ids.add(id);
      else if (ids !== id) this.#ids[dimension].set(name, new Set([ids, id]));
    }
  }

  remove(id: string, names: KeyNames): void {
    for (const [dimension, name] of entriesOf(names)) {
      const ids = this.#ids[dimension].get(name);
      if (ids === id) this.#ids[dimension].delete(name);
      else if (ids instanceof Set && ids.delete(id) && ids.size === 0) this.#ids[dimension].delete(name);
    }
  }

  /** @returns the ids of all keys that have a name of any list */
  find(lists: NamedLists): Set<string> {
    const found = new Set<string>();
    for (const [dimension, names] of entriesOf(lists)) {
      for (const name of names) {
        const ids = this.#ids[dimension].get(name);
        if (typeof ids === "string") found.add(ids);
        else for (const id of ids ?? []) found.add(id);
      }
    }
    return found;
  }
}

const dimensions = ["sku", "customer", "priceScope"] as const;

function* entriesOf<Value>(
  values: Partial<Record<keyof KeyNames, Value | undefined>>,
): Generator<[keyof KeyNames, Value]> {
  for (const dimension of dimensions) {
    const value = values[dimension];
    if (value !== undefined) yield [dimension, value];
  }
}
