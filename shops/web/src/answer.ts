import type { Group } from "./query.js";

export interface Money {
  /** An exact decimal, such as "1249.900000". */
  readonly amount: string;
  /** ISO 4217. */
  readonly currency: string;
}

export interface Tier {
  readonly minimumQuantity: string;
  readonly net: Money;
  readonly gross: Money | null;
}

export interface Freshness {
  readonly computedAt: string;
  /** Null unless it is a last known one; REVALIDATING where it is only read again, as in the ordinary course. */
  readonly staleReason: string | null;
}

export type Audience = "CUSTOMER" | "PUBLIC";

/** `Price` of the gateway's schema, as far as it is shown. */
export interface Price {
  readonly audience: Audience;
  readonly net: Money;
  readonly gross: Money | null;
  /** How many units `net` and `gross` pay for. */
  readonly priceUnit: string;
  readonly unit: string | null;
  readonly tiers: readonly Tier[];
  readonly freshness: Freshness;
}

/** `Stock` of the gateway's schema, as far as it is shown. It is the same for everybody, but guests may see less of it. */
export interface Stock {
  /** IN_STOCK, LOW_STOCK, OUT_OF_STOCK or BACKORDER; a later gateway may know more. */
  readonly status: string;
  /** A decimal; null where this caller sees the status alone. */
  readonly available: string | null;
  /** A calendar day, such as "2026-12-01". */
  readonly restockDate: string | null;
  readonly leadTimeDays: number | null;
  readonly freshness: Freshness;
}

/** What became of one wish: null where the ERP has no such thing, "later" where another try may bring it. */
export type Told = Price | Stock | null | "later";

/** By SKU and quantity. */
export type Answers = ReadonlyMap<string, Told>;

type Product = { readonly sku: string } & Readonly<Record<"price" | "stock", Price | Stock | null>>;

interface Body {
  readonly data?: Readonly<Record<string, readonly (Product | null)[]>> | null;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: { code?: string };
  }[];
}

const passing = new Set(["ERP_UNAVAILABLE", "ERP_TIMEOUT", "ERP_OVERLOADED", "RATE_LIMITED"]);

export const keyOf = (sku: string, quantity: string) => `${quantity} ${sku}`;

/** Undefined of what is nobody's own. */
export const audienceOf = (told: Price | Stock) => (told as Partial<Price>).audience;

/**
 * Answers are matched by the SKU that they echo. A price that is not for the caller's audience is no answer.
 * @throws {Error} where there is no answer in it at all
 */
export function readAnswers(body: unknown, groups: readonly Group[], audience: Audience): Answers {
  const { data, errors = [] } = body as Body;
  if (!data) throw new Error("no data");
  const failed = new Set(errors.filter(({ extensions }) => passing.has(extensions?.code as string)).map(pathOf));
  const answers = new Map<string, Told>();
  groups.forEach(({ topic: { name }, quantity, skus }, root) => {
    skus.forEach((sku, at) => {
      const product = data[`r${root}`]?.[at];
      const told = product?.sku === sku ? product[name] : null;
      const isTheirs = told && (audienceOf(told) ?? audience) === audience;
      const otherwise = failed.has(`r${root},${at},${name}`) ? "later" : null;
      answers.set(keyOf(sku, quantity), isTheirs ? told : otherwise);
    });
  });
  return answers;
}

/** Such as "r0,1,price". */
const pathOf = ({ path }: { readonly path?: readonly (string | number)[] }) => String(path);
