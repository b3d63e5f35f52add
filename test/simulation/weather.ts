import type { SeededRandom } from "./seeded-random.js";
import { customerCodes, skus } from "./simulated-world.js";

const kinds = ["brown-out", "hang", "errors", "slow", "lost", "poison"] as const;

/** What goes wrong with the ERP for a while. Instants in ms since the epoch. */
export interface Weather {
  readonly kind: (typeof kinds)[number];
  readonly from: number;
  readonly until: number;
  /** The share of workers or calls that it takes, above 0 up to 1; a slow ERP is up to 20 times as slow. */
  readonly strength: number;
  /** What spoils the calls that carry it. */
  readonly names: ReadonlySet<string>;
}

/** Between `from` and `until` one trouble follows another, some with a quiet time between. */
export function drawWeather(random: SeededRandom, from: number, until: number): Weather[] {
  const weather: Weather[] = [];
  for (let at = from; at < until; ) {
    const end = Math.min(at + random.int(500, 6_000), until);
    const names = new Set([random.pick(skus), random.zipf(skus), random.pick(customerCodes)]);
    const strength = random.chance(0.3) ? 1 : 0.1 + 0.9 * random.next();
    weather.push({ kind: random.pick(kinds), from: at, until: end, strength, names });
    at = end + (random.chance(0.5) ? random.int(0, 1_500) : 0);
  }
  return weather;
}

export function weatherAt(weather: readonly Weather[], now: number): Weather | null {
  for (const each of weather) if (each.from <= now && now < each.until) return each;
  return null;
}
