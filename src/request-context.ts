import { createLoaders } from "../loaders/loaders.js";
import type { SchemaRules } from "../schema/context.js";
import type { Journal } from "./feed/journal.js";
import type { CreateContext } from "./http/graphql-endpoint.js";
import type { LayerParts, Layers } from "./layers.js";
import type { JudgeRules } from "./pricing/cart/judge-cart.js";
import type { Invalidation } from "./pricing/invalidation.js";
import type { Quotes } from "./pricing/quotes.js";
import type { Ask, Lane } from "./pricing/source.js";
import type { Settings } from "./settings.js";

export function schemaRulesOf({ maxSkus, stockPublicDetail, stockLowAt }: Settings): SchemaRules {
  return { maxSkus, stockPublicDetail, stockLowAt };
}

/** Makes what one request is answered with: loaders of its own, its deadline, and one instant for all its ages. */
export function createContextFactory(
  { sources, budgetOf, forgetEverywhere, feed }: Layers,
  journal: Journal,
  cart: JudgeRules,
  quotes: Quotes,
  { settings, clock, logger }: LayerParts,
): CreateContext {
  const rules = schemaRulesOf(settings);
  const deadlineMs: Record<Lane, number> = {
    checkout: settings.deadlineCheckoutMs,
    storefront: settings.deadlineStorefrontMs,
    feed: settings.deadlineFeedMs,
  };
  const forgetNow = async (invalidation: Invalidation) => {
    const { count: forgotten, unconfirmed: confirming } = forgetEverywhere(invalidation);
    const unconfirmed = await confirming;
    logger.info({ forgotten, unconfirmed }, "answers were invalidated");
    return { forgotten, at: clock.now(), unconfirmed };
  };
  return ({ caller, arrivedAt, noteAnswer, leaveSignal }) => {
    const { lane } = caller;
    const deadline = arrivedAt + deadlineMs[lane];
    const budget = budgetOf(caller);
    const createAsk = (maxAgeMs: number | null): Ask => ({
      ...{ lane, deadline, maxAgeMs, budget },
      get signal() {
        return leaveSignal();
      },
    });
    const loaders = createLoaders(sources, caller, createAsk);
    // One response has one now: its ages are told as of the first answer that went into it.
    let now: number | undefined;
    const nowOnce = () => {
      now ??= clock.now();
      return now;
    };
    return {
      ...{ caller, rules, cart, quotes, noteAnswer, forget: forgetNow, arrivedAt, clock, now: nowOnce, loaders },
      readFeedPage: (question) =>
        feed.readPage({ ...question, deadline: arrivedAt + deadlineMs.feed, signal: leaveSignal() }),
      lowestNetsOf: (sku, currency) => journal.lowestNetsOf(sku, currency),
    };
  };
}
