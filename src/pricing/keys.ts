import type { Key } from "./source.js";

declare const verified: unique symbol;

/** The ERP's code of a customer, taken from a verified token. No other string passes for one. */
export type CustomerCode = string & { readonly [verified]: true };

/** Only for the place that has verified the token. */
export function verifiedCustomer(subject: string): CustomerCode {
  return subject as CustomerCode;
}

/** For whom a price holds. A price scope keeps the customer in whose name the ERP is asked; it is no part of the identity. */
export type Scope =
  | { readonly kind: "public" }
  | { readonly kind: "customer"; readonly customer: CustomerCode }
  | { readonly kind: "price-scope"; readonly priceScope: string; readonly customer: CustomerCode };

export const publicScope: Scope = { kind: "public" };

export interface PriceKey extends Key {
  readonly scope: Scope;
  readonly sku: string;
  /** ISO 4217; null for the ERP's own currency. */
  readonly currency: string | null;
  /** The quantity to ask the ERP for, an exact decimal. Part of the identity only where `exactQuantity`. */
  readonly quantity: string;
  /** True where the answer must be for this very quantity, since the ERP tells no whole ladder. */
  readonly exactQuantity: boolean;
}

export interface StockKey extends Key {
  readonly sku: string;
}

export interface CustomerKey extends Key {
  readonly customer: CustomerCode;
}

// Every part is written behind its length, so no SKU, customer or scope can be chosen to look like another key.
function identify(...parts: readonly string[]): string {
  let id = "";
  for (const part of parts) id += `${part.length}:${part}`;
  return id;
}

/** Whether `id` is what {@link identify} makes of these parts, without making it. */
function isIdOf(id: string, parts: readonly string[]): boolean {
  let at = 0;
  for (const part of parts) {
    const length = `${part.length}:`;
    if (!id.startsWith(length, at) || !id.startsWith(part, at + length.length)) return false;
    at += length.length + part.length;
  }
  return at === id.length;
}

/** What of a scope is its identity: its kind, and whose it is. */
export function scopeParts(scope: Scope): [string, string] {
  switch (scope.kind) {
    case "public":
      return ["public", ""];
    case "customer":
      return ["customer", scope.customer];
    case "price-scope":
      return ["scope", scope.priceScope];
  }
}

type PriceKeyParts = Omit<PriceKey, "id">;

function priceParts({ scope, sku, currency, quantity, exactQuantity }: PriceKeyParts): string[] {
  return [...scopeParts(scope), sku, currency ?? "", exactQuantity ? quantity : ""];
}

export function createPriceKey(parts: PriceKeyParts): PriceKey {
  const { scope, sku, currency, quantity, exactQuantity } = parts;
  return { id: identify(...priceParts(parts)), scope, sku, currency, quantity, exactQuantity };
}

/** Whether the key of these parts has this id; sooner found out than by making it. */
export function isPriceKeyId(id: string, parts: PriceKeyParts): boolean {
  return isIdOf(id, priceParts(parts));
}

/** Makes the keys of ladders that are alike in all but the SKU. `group` names what they have in common. @see createPriceKey */
export function likeLadderKeys({ scope, currency, quantity }: Pick<PriceKey, "scope" | "currency" | "quantity">) {
  const before = identify(...scopeParts(scope));
  const after = identify(currency ?? "", "");
  return {
    group: `${before}${after}${quantity}`,
    create: (sku: string): PriceKey => {
      const id = `${before}${sku.length}:${sku}${after}`;
      return { id, scope, sku, currency, quantity, exactQuantity: false };
    },
  };
}

export function createStockKey(sku: string): StockKey {
  // As `identify` writes one part, without a list of it: this is made for each key of each page.
  return { id: `${sku.length}:${sku}`, sku };
}

export function createCustomerKey(customer: CustomerCode): CustomerKey {
  return { id: identify(customer), customer };
}

/**
 * Whether an answer to this key is everybody's who asks it. Within a price scope the ERP is asked in the name of one of its
 * customers; that the ERP knows this one no longer, or in another scope, says nothing of the others.
 */
export function holdsForAll({ scope }: PriceKey, outcome: { readonly kind: string; readonly what?: string }): boolean {
  return scope.kind !== "price-scope" || outcome.kind !== "unknown" || outcome.what !== "customer";
}

/** The customer in whose name the ERP is asked; null for public prices. */
export function askedCustomer(scope: Scope): CustomerCode | null {
  return scope.kind === "public" ? null : scope.customer;
}
