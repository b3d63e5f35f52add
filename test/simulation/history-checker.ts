import type { Settings } from "../../src/settings.js";
import { checkCalls } from "./call-rules.js";
import type { History } from "./history.js";
import { checkQuestion } from "./question-rules.js";
import { checkView } from "./view-rules.js";
import type { Bounds, Violation } from "./violations.js";

/** Finds every broken promise in what happened. It knows the promises alone, and shares no rule with what it checks. */
export function checkHistory(history: History, bounds: Bounds): Violation[] {
  return [
    ...history.questions.flatMap((question) => checkQuestion(history, bounds, question)),
    ...history.views.flatMap((view) => checkView(history, bounds, view)),
    ...checkCalls(history, bounds),
  ].sort((one, other) => one.place - other.place);
}

/** What of a run's conditions its promises follow from. */
export interface Promised {
  readonly settings: Settings;
  readonly erp: { readonly maxConcurrency: number };
}

export function boundsOf({ settings, erp }: Promised): Bounds {
  const { priceFreshMs, priceStaleMs, stockFreshMs, stockStaleMs, customerFreshMs, customerStaleMs } = settings;
  return {
    freshMs: { price: priceFreshMs, stock: stockFreshMs, customer: customerFreshMs },
    staleMs: { price: priceStaleMs, stock: stockStaleMs, customer: customerStaleMs },
    unknownMs: 30_000,
    maxConcurrency: erp.maxConcurrency,
    abandonMs: settings.erpAbandonMs ?? 0,
    longestCallMs: settings.erpTimeoutMs + (settings.erpAbandonMs ?? 0),
    clockShare: 0,
    mayBeSaidOlder: false,
  };
}
