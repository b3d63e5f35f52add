import { createLoaders, type Loaders } from "../../loaders/loaders.js";
import type { Sources } from "../../loaders/sources.js";
import type { Clock } from "../../src/clock.js";
import type { Layers } from "../../src/layers.js";
import { anonymousAt, type Caller } from "../../src/pricing/caller.js";
import { verifiedCustomer } from "../../src/pricing/keys.js";
import type { Ask, Lane, Outcome } from "../../src/pricing/source.js";
import type { Settings } from "../../src/settings.js";
import { type History, type Observer, theOnly, type ViewRecord } from "./history.js";
import type { SeededRandom } from "./seeded-random.js";
import { customerCodes, skus } from "./simulated-world.js";

const soldOrNot = [...skus, "none1", "none2"];

export interface ClientsOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly history: History;
  readonly sources: Sources;
  readonly budgetOf: Layers["budgetOf"];
  readonly settings: Settings;
  /** Left out, there is one gateway. */
  readonly observer?: Observer;
  /** Whether nobody leaves early, or asks for a most age. */
  readonly isPlain?: boolean;
}

interface Page {
  readonly caller: Caller;
  readonly skus: readonly string[];
  readonly audience: "PUBLIC" | "CALLER";
  readonly maxAgeMs: number | null;
  readonly wants: readonly ("price" | "stock")[];
  readonly isList: boolean;
  /** In ms; null for a client that stays. */
  readonly leavesAfter: number | null;
}

/** Those who ask: each request is a page of questions with loaders of its own, as the gateway makes them. */
export class Clients {
  readonly #options: ClientsOptions;
  #sweep = 0;

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  ask(lane: Lane): void {
    const page = this.#draw(lane);
    const { clock, sources, history } = this.#options;
    const leaving = new AbortController();
    const createAsk = this.#asks(page.caller, page.leavesAfter === null ? null : leaving.signal);
    const loaders = createLoaders(sources, page.caller, createAsk);
    if (page.leavesAfter !== null) clock.after(page.leavesAfter, () => leaving.abort());
    for (const kind of page.wants) {
      const views = page.skus.map((sku) => this.#view(page, kind, sku, createAsk(null).deadline));
      history.views.push(...views);
      for (const [index, outcome] of this.#load(loaders, kind, page).entries()) {
        void outcome.then((came) => this.#told(views[index] as ViewRecord, came));
      }
    }
  }

  #asks(caller: Caller, signal: AbortSignal | null): (maxAgeMs: number | null) => Ask {
    const { clock, settings, budgetOf } = this.#options;
    const { deadlineCheckoutMs, deadlineStorefrontMs, deadlineFeedMs } = settings;
    const { lane } = caller;
    const deadlineMs = { checkout: deadlineCheckoutMs, storefront: deadlineStorefrontMs, feed: deadlineFeedMs }[lane];
    const deadline = clock.now() + deadlineMs;
    const budget = budgetOf(caller);
    return (maxAgeMs) => ({ lane, deadline, maxAgeMs, budget, signal });
  }

  #view({ caller, audience, maxAgeMs, leavesAfter }: Page, kind: "price" | "stock", sku: string, deadline: number) {
    const { history, clock, observer: { replica, toTrue } = theOnly } = this.#options;
    const customer = kind === "stock" || audience === "PUBLIC" ? null : caller.customer;
    const { lane } = caller;
    const leavesEarly = leavesAfter !== null;
    const asked = { customer, lane, deadline: toTrue(deadline), maxAgeMs, kind, sku, leavesEarly };
    return { replica, place: history.nextPlace(), at: toTrue(clock.now()), ...asked, outcome: null, endedAt: null };
  }

  #told(view: ViewRecord, outcome: Outcome<unknown>): void {
    view.outcome = outcome;
    const { clock, observer: { toTrue } = theOnly } = this.#options;
    view.endedAt = toTrue(clock.now());
    this.#options.history.settled++;
  }

  #load(loaders: Loaders, kind: "price" | "stock", page: Page): Promise<Outcome<unknown>>[] {
    const { audience, maxAgeMs } = page;
    if (kind === "stock") {
      const questions = page.skus.map((sku) => ({ sku, maxAgeMs }));
      return page.isList
        ? eachOf(loaders.readStock(questions), page.skus)
        : questions.map((each) => loaders.stock.load(each));
    }
    const questions = page.skus.map((sku) => ({ audience, sku, quantity: "1", currency: null, maxAgeMs }));
    return page.isList
      ? eachOf(loaders.readPrices(questions), page.skus)
      : questions.map((each) => loaders.prices.load(each));
  }

  #draw(lane: Lane): Page {
    const { random, isPlain = false } = this.#options;
    const rest = {
      wants: random.pick([["price"], ["stock"], ["price", "stock"]] as const),
      isList: random.chance(0.5),
      leavesAfter: !isPlain && random.chance(0.1) ? random.int(0, 300) : null,
      maxAgeMs: null,
      audience: "CALLER",
    } as const;
    switch (lane) {
      case "checkout":
        return { ...rest, caller: customerIn(lane, random), skus: drawSkus(random, 3), maxAgeMs: 0 };
      case "storefront": {
        const caller = random.chance(0.3) ? anonymousAt(`10.0.0.${random.int(1, 3)}`) : customerIn(lane, random);
        const maxAgeMs = isPlain || random.chance(0.75) ? null : random.pick([0, 500, 2_000, 10_000]);
        const audience = random.chance(0.2) ? "PUBLIC" : "CALLER";
        return { ...rest, caller, skus: drawSkus(random, 6), maxAgeMs, audience };
      }
      case "feed":
        return { ...rest, caller: machine, skus: this.#nextOfSweep() };
    }
  }

  #nextOfSweep(): string[] {
    this.#sweep = (this.#sweep + 8) % skus.length;
    return skus.slice(this.#sweep, this.#sweep + 8);
  }
}

const machine: Caller = { kind: "machine", customer: null, lane: "feed", scopes: new Set(["feed"]), budgetId: null };

function customerIn(lane: "checkout" | "storefront", random: SeededRandom): Caller {
  const code = random.zipf(customerCodes);
  const budgetId = lane === "storefront" ? `customer:${code}` : null;
  return { kind: "customer", customer: verifiedCustomer(code), lane, scopes: new Set([lane]), budgetId };
}

function drawSkus(random: SeededRandom, most: number): string[] {
  return Array.from({ length: random.int(1, most) }, () => random.zipf(soldOrNot));
}

function eachOf<T>(all: Promise<T[]>, { length }: { readonly length: number }): Promise<T>[] {
  return Array.from({ length }, (_, index) => all.then((outcomes) => outcomes[index] as T));
}
