import type { SeededRandom } from "./seeded-random.js";

/** What the ERP said of one thing from an instant on. Instants in ms since the epoch. */
export interface Version<Value> {
  readonly number: number;
  readonly from: number;
  readonly value: Value;
}

/** All that was ever true of one thing, oldest first. */
export class Timeline<Value> {
  readonly versions: Version<Value>[];

  constructor(value: Value) {
    this.versions = [{ number: 0, from: Number.NEGATIVE_INFINITY, value }];
  }

  get latest(): Version<Value> {
    return this.versions[this.versions.length - 1] as Version<Value>;
  }

  change(now: number, value: Value): void {
    this.versions.push({ number: this.latest.number + 1, from: now, value });
  }

  /** What was true at some instant between these, both included: within one ms nobody can tell what came first. */
  during(from: number, until: number): Version<Value>[] {
    return this.versions.filter((version, index) => {
      const end = this.versions[index + 1]?.from ?? Number.POSITIVE_INFINITY;
      return version.from <= until && end >= from;
    });
  }
}

/** A customer's record, as far as prices follow from it; null where the ERP knows no such customer. */
export type Terms = { readonly priceScope: string | null } | null;

export const skus = Array.from({ length: 24 }, (_, index) => `S${index}`);
export const scopes = ["gold", "silver"] as const;
/** C6 and C7 are not known for long. */
export const customerCodes = ["C0", "C1", "C2", "C3", "C4", "C5", "C6", "C7"];

/** Whose price an ERP tells to one who trades on these terms. */
export function ownerOf(customer: string, terms: Exclude<Terms, null>): string {
  return terms.priceScope === null ? `customer:${customer}` : `scope:${terms.priceScope}`;
}

/** Prices, stocks and records as they truly are, at each instant. */
export class SimulatedWorld {
  /** Whether the SKU has a price, by owner and SKU. */
  readonly #prices = new Map<string, Timeline<boolean>>();
  readonly #stocks = new Map<string, Timeline<boolean>>();
  readonly #customers = new Map<string, Timeline<Terms>>();

  constructor(random: SeededRandom) {
    for (const [index, code] of customerCodes.entries()) {
      const isKnown = index < 6 || random.chance(0.3);
      this.#customers.set(code, new Timeline<Terms>(isKnown ? drawTerms(random) : null));
    }
  }

  price(owner: string, sku: string): Timeline<boolean> {
    return timelineOf(this.#prices, `${owner}|${sku}`, sku);
  }

  stock(sku: string): Timeline<boolean> {
    return timelineOf(this.#stocks, sku, sku);
  }

  customer(code: string): Timeline<Terms> {
    return this.#customers.get(code) as Timeline<Terms>;
  }

  changeSomething(random: SeededRandom, now: number): void {
    const sku = random.zipf(skus);
    const what = random.next();
    if (what < 0.5) {
      const owner = random.pick(["public", ...scopes.map((scope) => `scope:${scope}`), ...customerCodes.map(own)]);
      this.price(owner, sku).change(now, random.chance(0.85));
    } else if (what < 0.8) this.stock(sku).change(now, random.chance(0.9));
    else {
      const isGone = random.chance(0.25);
      this.customer(random.pick(customerCodes)).change(now, isGone ? null : drawTerms(random));
    }
  }
}

function own(code: string): string {
  return `customer:${code}`;
}

function drawTerms(random: SeededRandom): Terms {
  return { priceScope: random.chance(0.7) ? random.pick(scopes) : null };
}

function timelineOf(map: Map<string, Timeline<boolean>>, id: string, sku: string): Timeline<boolean> {
  const known = map.get(id);
  if (known !== undefined) return known;
  // Some are asked for and were never sold.
  const made = new Timeline(!sku.startsWith("none"));
  map.set(id, made);
  return made;
}
