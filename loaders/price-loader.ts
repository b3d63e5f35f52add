import DataLoader from "dataloader";
import { CustomerUnknown } from "../src/errors.js";
import type { Caller } from "../src/pricing/caller.js";
import { type Customer, scopeOf } from "../src/pricing/customer.js";
import { canonical } from "../src/pricing/decimal.js";
import { type CustomerCode, createPriceKey, type PriceKey, publicScope, type Scope } from "../src/pricing/keys.js";
import type { Ladder } from "../src/pricing/ladder.js";
import { type Ask, failed, type Outcome, readDistinct, type Source } from "../src/pricing/source.js";
import { answerInGroups } from "./grouped.js";

export interface PriceQuestion {
  /** CALLER: the price this caller pays, which is the public one for a caller without a customer. */
  readonly audience: "PUBLIC" | "CALLER";
  readonly sku: string;
  /** An exact decimal above 0. */
  readonly quantity: string;
  /** ISO 4217; null for the customer's, else the ERP's own. */
  readonly currency: string | null;
  /** As in the ask: 0 for a live answer, null for the windows. */
  readonly maxAgeMs: number | null;
}

type Answers = Outcome<Ladder>[];

/** Answers questions alike in nothing but the caller, doubles once. */
export type ReadPrices = (questions: readonly PriceQuestion[]) => Promise<Answers>;

export function createPriceReader(
  source: Source<PriceKey, Ladder>,
  readCustomer: () => Promise<Outcome<Customer> | null>,
  caller: Caller,
  createAsk: (maxAgeMs: number | null) => Ask,
): ReadPrices {
  function read(questions: readonly PriceQuestion[], scope: Scope, currency: string | null): Promise<Answers> {
    const keys = questions.map((question) => toKey(question, scope, currency));
    return readDistinct(source, keys, createAsk(questions[0]?.maxAgeMs ?? null));
  }

  async function readOwn(questions: readonly PriceQuestion[], code: CustomerCode): Promise<Answers> {
    const record = await readCustomer();
    if (record === null || record.kind === "unknown") return questions.map(() => failed(new CustomerUnknown(code)));
    // Without a usable record nobody knows whose prices to show; public ones would be a lie.
    if (record.kind === "failed") return questions.map(() => record);
    const { currency } = record.answer;
    // An order is priced in the customer's own name, whatever its record said some minutes ago.
    const scope: Scope =
      caller.lane === "checkout" ? { kind: "customer", customer: code } : scopeOf(code, record.answer);
    const outcomes = await read(questions, scope, currency);
    const refused = questions.filter((_, index) => isCustomerUnknown(outcomes[index]));
    if (scope.kind !== "price-scope" || refused.length === 0)
      return outcomes.map((outcome) => orRefused(outcome, code));
    // In a shared scope the ERP may have been asked in another customer's name, and that one is gone: ask in our own.
    const own = await read(refused, { kind: "customer", customer: code }, currency);
    return outcomes.map((outcome) =>
      isCustomerUnknown(outcome) ? orRefused(own.shift() as Outcome<Ladder>, code) : outcome,
    );
  }

  const { customer } = caller;
  const isPublic = ({ audience }: PriceQuestion) => customer === null || audience === "PUBLIC";
  return (questions) =>
    answerInGroups(
      questions,
      (question) => `${isPublic(question)} ${question.maxAgeMs}`,
      (group) =>
        customer === null || group.every(isPublic) ? read(group, publicScope, null) : readOwn(group, customer),
    );
}

export function createPriceLoader(read: ReadPrices): DataLoader<PriceQuestion, Outcome<Ladder>, string> {
  return new DataLoader<PriceQuestion, Outcome<Ladder>, string>(read, {
    cacheKeyFn: (question) => Object.values(toComparable(question)).join("\n"),
  });
}

// The fields in one fixed order; an SKU holds no line break, being checked where it enters.
function toComparable({ audience, quantity, currency, maxAgeMs, sku }: PriceQuestion) {
  return { audience, quantity, currency, maxAgeMs, sku };
}

function toKey({ sku, quantity, currency }: PriceQuestion, scope: Scope, ownCurrency: string | null): PriceKey {
  // The customer's own currency is part of the key: customers of one price scope may trade in different ones.
  return createPriceKey({
    scope,
    sku,
    currency: currency ?? ownCurrency,
    quantity: canonical(quantity),
    exactQuantity: true,
  });
}

function isCustomerUnknown(outcome: Outcome<Ladder> | undefined): boolean {
  return outcome?.kind === "unknown" && outcome.what === "customer";
}

function orRefused(outcome: Outcome<Ladder>, code: CustomerCode): Outcome<Ladder> {
  return isCustomerUnknown(outcome) ? failed(new CustomerUnknown(code)) : outcome;
}
