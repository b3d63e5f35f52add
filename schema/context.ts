import type { Loaders } from "../loaders/loaders.js";
import type { Clock } from "../src/clock.js";
import type { FeedPage } from "../src/feed/feed-page.js";
import type { PageQuestion } from "../src/feed/feed-reader.js";
import type { LowestNets } from "../src/feed/price-history.js";
import type { Caller } from "../src/pricing/caller.js";
import type { JudgeRules } from "../src/pricing/cart/judge-cart.js";
import type { Invalidation } from "../src/pricing/invalidation.js";
import type { Quotes } from "../src/pricing/quotes.js";

/** What the resolvers of one request know of it. */
export interface RequestContext {
  readonly caller: Caller;
  readonly loaders: Loaders;
  readonly rules: SchemaRules;
  /** How carts are judged. */
  readonly cart: JudgeRules;
  readonly quotes: Quotes;
  /** When the request came, in ms since the epoch. */
  readonly arrivedAt: number;
  /** What the ages in the response are told as of: one instant for all of it, in ms since the epoch. */
  now(): number;
  /** The time itself, for what carries a date of its own. */
  readonly clock: Pick<Clock, "now">;
  /** Told of every answer that went into the response: until when it is fresh, in ms since the epoch. */
  noteAnswer(freshUntil: number): void;
  /** Forgets what is invalidated, here at once, and has every replica forget it. */
  forget(invalidation: Invalidation): Promise<ForgottenAnswers>;
  /** One page of the feed, in this request's time. */
  readFeedPage(question: Omit<PageQuestion, "deadline" | "signal">): Promise<FeedPage>;
  /** What the public price of one unit was, as far as it was watched. */
  lowestNetsOf(sku: string, currency: string): LowestNets;
}

/** What became of an invalidation. */
export interface ForgottenAnswers {
  /** How many answers were kept here. */
  readonly forgotten: number;
  /** When all had the time to confirm, in ms since the epoch. */
  readonly at: number;
  /** The replicas that did not confirm; "*" for any that nobody can name. */
  readonly unconfirmed: readonly string[];
}

/** The settings that decide what shops see. */
export interface SchemaRules {
  /** Most SKUs in one list. */
  readonly maxSkus: number;
  /** What callers without a customer see of stock, but for the checkout and feed lanes. */
  readonly stockPublicDetail: "status" | "quantity";
  /** At this quantity and below, stock is called low; an exact decimal. */
  readonly stockLowAt: string;
}
