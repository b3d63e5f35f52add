import { Field, Float, ObjectType, registerEnumType } from "type-graphql";
import type { Freshness } from "../src/pricing/source.js";
import { DateTimeScalar, toDateTime } from "./scalars.js";

export enum Source {
  ERP = "ERP",
  CACHE = "CACHE",
  LAST_KNOWN = "LAST_KNOWN",
}

registerEnumType(Source, {
  name: "Source",
  description: "Where an answer came from.",
  valuesConfig: {
    ERP: { description: "Read from the ERP for this answer." },
    CACHE: { description: "Read before, within its freshness." },
    LAST_KNOWN: { description: "Older than that, served because of `staleReason`." },
  },
});

export enum StaleReason {
  REVALIDATING = "REVALIDATING",
  ERP_UNAVAILABLE = "ERP_UNAVAILABLE",
  ERP_TIMEOUT = "ERP_TIMEOUT",
  ERP_OVERLOADED = "ERP_OVERLOADED",
  ERP_BAD_ANSWER = "ERP_BAD_ANSWER",
}

registerEnumType(StaleReason, {
  name: "StaleReason",
  description: "Why a last known answer was served.",
  valuesConfig: {
    REVALIDATING: { description: "It is being read again; ask once more for the new one." },
    ERP_UNAVAILABLE: { description: "The ERP could not be asked." },
    ERP_TIMEOUT: { description: "The ERP did not answer in time." },
    ERP_OVERLOADED: { description: "The ERP has more to do than it can bear." },
    ERP_BAD_ANSWER: { description: "The ERP gave an answer that cannot be used." },
  },
});

@ObjectType("Freshness", { simpleResolvers: true, description: "How old an answer is, and where it came from." })
export class FreshnessType {
  @Field(() => Source, { description: "Where the answer came from." })
  source!: Source;

  @Field(() => DateTimeScalar, { description: "When the ERP said it: the instant it was asked." })
  computedAt!: string;

  @Field(() => Float, { description: "Seconds between `computedAt` and this response, with milliseconds as decimals." })
  ageSeconds!: number;

  @Field(() => DateTimeScalar, { description: "Until when the gateway answers so without asking the ERP again." })
  freshUntil!: string;

  @Field(() => StaleReason, { nullable: true, description: "Set where `source` is LAST_KNOWN, null otherwise." })
  staleReason!: StaleReason | null;
}

/** @param now ms since the epoch */
export function toFreshness({ source, computedAt, freshUntil, staleReason }: Freshness, now: number): FreshnessType {
  return {
    source: Source[source],
    computedAt: toDateTime(computedAt),
    ageSeconds: ageInSeconds(computedAt, now),
    freshUntil: toDateTime(freshUntil),
    staleReason: staleReason === null ? null : StaleReason[staleReason],
  };
}

/** Both in ms since the epoch; never below 0. */
export function ageInSeconds(computedAt: number, now: number): number {
  return Math.max(now - computedAt, 0) / 1000;
}
