import type { Micros } from "./amounts.js";
import { type FamilyCode, families, type Item, ranges, type TaxRate } from "./families.js";
import { draw, luck } from "./random.js";
import { type Unit, units } from "./units.js";

export interface Product {
  /** 0 to the number of SKUs − 1: its place in the catalogue. */
  readonly index: number;
  /** Such as `ELEC-00042`. */
  readonly sku: string;
  readonly family: FamilyCode;
  readonly unit: Unit;
  readonly taxRate: TaxRate;
  /** The public price in euros for one price unit, before tax. */
  readonly listPrice: Micros;
  /** With how many decimals the list price is written: 2, 4 or 6. */
  readonly decimals: number;
}

/** Most SKUs that five digits a family can name. */
export const maxSkus = families.length * 99_999;

const skuPattern = /^([A-Z]{4})-([0-9]{5})$/;
const familyIndexes = new Map<string, number>(families.map(({ code }, index) => [code, index]));

/** All products, computed from their place when asked for: a catalogue of any size takes no memory. */
export class Catalogue {
  /** @param size 1 to {@link maxSkus} */
  constructor(
    readonly seed: number,
    readonly size: number,
  ) {}

  /** The place of an SKU; null where there is no such SKU. */
  indexOf(sku: string): number | null {
    const [, code = "", digits = "0"] = skuPattern.exec(sku) ?? [];
    const family = familyIndexes.get(code);
    const number = Number(digits);
    if (family === undefined || number === 0) return null;
    const index = (number - 1) * families.length + family;
    return index < this.size ? index : null;
  }

  skuAt(index: number): string {
    return `${familyAt(index).code}-${String(numberAt(index) + 1).padStart(5, "0")}`;
  }

  productAt(index: number): Product {
    const { unit, taxRate, cents } = itemAt(index);
    const listPrice = this.#listPrice(index, cents);
    const { code } = familyAt(index);
    return { index, sku: this.skuAt(index), family: code, unit: units[unit], taxRate, ...listPrice };
  }

  find(sku: string): Product | null {
    const index = this.indexOf(sku);
    return index === null ? null : this.productAt(index);
  }

  /** @param from 0 or above. @returns at most `limit` SKUs, in the one order of the catalogue */
  skusFrom(from: number, limit: number): string[] {
    const count = Math.max(0, Math.min(limit, this.size - from));
    return Array.from({ length: count }, (_, offset) => this.skuAt(from + offset));
  }

  #listPrice(index: number, [lowest, highest]: Item["cents"]): Pick<Product, "listPrice" | "decimals"> {
    const spread = BigInt(highest - lowest) * 10_000n;
    const raw = BigInt(lowest) * 10_000n + (BigInt(draw(this.seed, luck.price, index)) * spread) / 0x1_0000_0000n;
    // What costs less than a euro needs more than cents; of the rest some ERPs' owners keep more as well.
    const fine = draw(this.seed, luck.decimals, index) % 10;
    const decimals = fine === 0 ? 6 : raw < 1_000_000n || fine < 3 ? 4 : 2;
    const grain = 10n ** BigInt(6 - decimals);
    return { listPrice: (raw / grain) * grain, decimals };
  }
}

/** What a shop shows: "Tube cuivre écroui Ø 14 barre, gamme Brio". No two products have the same. */
export function nameAt(index: number): string {
  const { noun, first, second } = itemAt(index);
  const kinds = familyAt(index).items.length;
  const variant = Math.floor(numberAt(index) / kinds);
  const pairs = first.length * second.length;
  const pair = variant % pairs;
  const round = Math.floor(variant / pairs);
  // Neighbours start at other ranges, so that a page shows many; each pair still meets every range once.
  const start = pair * 5 + (numberAt(index) % kinds) * 3 + (index % families.length);
  const range = ranges[(round + start) % ranges.length]!;
  const series = Math.floor(round / ranges.length);
  const name = `${noun} ${first[pair % first.length]} ${second[Math.floor(pair / first.length)]}, gamme ${range}`;
  return series === 0 ? name : `${name} série ${series + 1}`;
}

export function familyNameAt(index: number): string {
  return familyAt(index).name;
}

// Families take turns, so that any page of the catalogue shows all of them.
function familyAt(index: number) {
  return families[index % families.length]!;
}

function numberAt(index: number): number {
  return Math.floor(index / families.length);
}

function itemAt(index: number): Item {
  const { items } = familyAt(index);
  return items[numberAt(index) % items.length]!;
}
