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

/** `Price` of the gateway's schema, as far as it is shown. */
export interface Price {
  readonly audience: "CUSTOMER" | "PUBLIC";
  readonly net: Money;
  readonly gross: Money | null;
  /** How many units `net` and `gross` pay for. */
  readonly priceUnit: string;
  readonly unit: string | null;
  readonly tiers: readonly Tier[];
  readonly freshness: {
    readonly computedAt: string;
    /** Null unless it is a last known one; REVALIDATING where it is only read again, as in the ordinary course. */
    readonly staleReason: string | null;
  };
}

/** What became of one wish: null where the ERP has no such thing, "later" where another try may bring it. */
export type Told = Price | null | "later";

/** By SKU and quantity. */
export type Answers = ReadonlyMap<string, Told>;

interface Body {
  readonly data?: Readonly<Record<string, readonly ({ sku: string; price: Price | null } | null)[]>> | null;
  readonly errors?: readonly {
    readonly path?: readonly (string | number)[];
    readonly extensions?: { code?: string };
  }[];
}

const passing = new Set(["ERP_UNAVAILABLE", "ERP_TIMEOUT", "ERP_OVERLOADED", "RATE_LIMITED"]);

export const keyOf = (sku: string, quantity: string) => `${quantity} ${sku}`;

/**
 * Answers are matched by the SKU that they echo. A price that is not for the caller's audience is no answer.
 * @throws {Error} where there is no answer in it at all
 */
export function readAnswers(body: unknown, groups: readonly Group[], audience: Price["audience"]): Answers {
  const { data, errors = [] } = (body ?? {}) as Body;
  if (data === null || data === undefined) throw new Error(errors[0]?.extensions?.code ?? "no data");
  const failed = new Set(errors.filter(({ extensions }) => passing.has(extensions?.code ?? "")).map(pathOf));
  const answers = new Map<string, Told>();
  groups.forEach(({ quantity, skus }, root) => {
    skus.forEach((sku, at) => {
      const product = data[`r${root}`]?.[at];
      const isIts = product?.sku === sku && product.price?.audience === audience;
      const otherwise = failed.has(`r${root},${at},price`) ? "later" : null;
      answers.set(keyOf(sku, quantity), isIts ? product.price : otherwise);
    });
  });
  return answers;
}

const pathOf = ({ path }: { readonly path?: readonly (string | number)[] }) => path?.join() ?? "";
