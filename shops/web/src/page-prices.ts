import { type Answers, keyOf, type Price } from "./answer.js";
import { askGateway, type GatewayOptions, type Reply } from "./gateway.js";
import { type Group, toRequests, type Wish } from "./query.js";
import type { Caller, Session } from "./session.js";

/** What an element shows. */
export type Shown =
  /** What the shop's server wrote into it. */
  | { readonly kind: "guest" }
  /** Likewise, while something better is under way. */
  | { readonly kind: "waiting" }
  | { readonly kind: "price"; readonly price: Price; readonly isLastKnown: boolean }
  /** Nothing can be told: "price on request". */
  | { readonly kind: "on-request" };

/** An element on the page. */
export interface Watcher extends Wish {
  /** Whether the shop's server wrote a price for guests into it that still is about this SKU and quantity. */
  readonly hasGuestText: boolean;
  show(shown: Shown): void;
}

export interface PageOptions {
  readonly gateway: GatewayOptions;
  readonly session: Session;
  readonly after: (ms: number, run: () => void) => () => void;
  /** 0 to below 1. */
  readonly random: () => number;
  /** After a batch came to its end. */
  readonly onSettled: (caller: Caller | null) => void;
}

/** A frame: elements that are added one after another share a query. */
const gatherMs = 16;
const maxRetries = 2;
const firstBackOffMs = 500;
/** A gateway that wants to be left alone for longer is not waited for. */
const maxWaitMs = 30_000;

/** The prices of one page: gathers what its elements wish, asks in one query, and forgets all when the caller changes. */
export class PagePrices {
  readonly #watchers = new Set<Watcher>();
  #gathered = new Set<Watcher>();
  /** Aborted when the caller changes: nothing asked for the one before is shown any more. */
  #era = new AbortController();

  constructor(readonly options: PageOptions) {}

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    watcher.show({ kind: "waiting" });
    this.#gather(watcher);
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** All prices fall back to the guest's at once, and are asked again. */
  restart(): void {
    this.#era.abort();
    this.#era = new AbortController();
    this.#gathered = new Set();
    for (const watcher of this.#watchers) this.add(watcher);
  }

  #gather(watcher: Watcher): void {
    if (this.#gathered.size === 0) {
      const gathered = new Set<Watcher>();
      this.#gathered = gathered;
      const { signal } = this.#era;
      this.options.after(gatherMs, () => {
        if (signal.aborted) return;
        this.#gathered = new Set();
        void this.#serve([...gathered], signal);
      });
    }
    this.#gathered.add(watcher);
  }

  async #serve(watchers: readonly Watcher[], era: AbortSignal): Promise<void> {
    let open = watchers.filter((watcher) => this.#watchers.has(watcher));
    let caller: Caller | null = null;
    for (let tries = 0; open.length > 0; tries += 1) {
      caller = await this.#callerOrNull();
      if (era.aborted) return;
      const round = await this.#round(open, caller, era);
      if (era.aborted) return;
      open = round.open;
      if (tries === maxRetries || round.retryAfterMs > maxWaitMs) break;
      if (open.length > 0) await this.#wait(this.#backOffMs(tries) + round.retryAfterMs);
      if (era.aborted) return;
    }
    for (const watcher of open) watcher.show({ kind: watcher.hasGuestText && !caller?.token ? "guest" : "on-request" });
    this.options.onSettled(caller);
  }

  /** Null where the shop's server cannot tell: the guest's price stays, and nothing is asked for an unknown. */
  async #callerOrNull(): Promise<Caller | null> {
    return this.options.session.read().catch(() => null);
  }

  /** @returns who is still without an answer, and how long the gateway wants to be left alone */
  async #round(
    watchers: Watcher[],
    caller: Caller | null,
    era: AbortSignal,
  ): Promise<{ open: Watcher[]; retryAfterMs: number }> {
    if (caller === null) return { open: watchers, retryAfterMs: 0 };
    const isGuest = caller.token === null;
    const asking = watchers.filter(({ hasGuestText }) => !(isGuest && hasGuestText));
    for (const watcher of watchers) if (!asking.includes(watcher)) watcher.show({ kind: "guest" });
    const rounds = await Promise.all(
      toRequests(asking).map(async (groups) => this.#tell(asking, groups, await this.#ask(groups, caller, era), era)),
    );
    return {
      open: rounds.flatMap(({ open }) => open),
      retryAfterMs: Math.max(0, ...rounds.map((r) => r.retryAfterMs)),
    };
  }

  /** A token that is no longer good is replaced once. */
  async #ask(groups: readonly Group[], caller: Caller, era: AbortSignal): Promise<Reply> {
    const reply = await askGateway(this.options.gateway, groups, caller.token, era);
    if (reply.kind !== "unknown-token" || era.aborted) return reply;
    const anew = await this.options.session.read(true).catch(() => null);
    // Another customer by now: the page has begun anew.
    if (era.aborted || !anew?.token) return { kind: "refused" };
    return askGateway(this.options.gateway, groups, anew.token, era);
  }

  #tell(all: readonly Watcher[], groups: readonly Group[], reply: Reply, era: AbortSignal) {
    const mine = all.filter((watcher) => isAskedBy(groups, watcher));
    if (era.aborted) return { open: [], retryAfterMs: 0 };
    if (reply.kind === "later") return { open: mine, retryAfterMs: reply.retryAfterMs };
    // A refusal answers nothing, and another try would end in the same way.
    const answers: Answers = reply.kind === "answered" ? reply.answers : new Map();
    return { open: mine.filter((watcher) => !this.#show(watcher, answers)), retryAfterMs: 0 };
  }

  /** @returns false where another try may bring an answer */
  #show(watcher: Watcher, answers: Answers): boolean {
    const told = answers.get(keyOf(watcher.sku, watcher.quantity)) ?? null;
    if (told === "later") return false;
    if (told === null) watcher.show({ kind: "on-request" });
    else watcher.show({ kind: "price", price: told, isLastKnown: isLastKnown(told) });
    return true;
  }

  #backOffMs(tries: number): number {
    return firstBackOffMs * 2 ** tries * (0.5 + this.options.random() / 2);
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => this.options.after(ms, resolve));
  }
}

/** That a price is read again in the ordinary course is no failure that a buyer need know of. */
const isLastKnown = ({ freshness }: Price) => (freshness.staleReason ?? "REVALIDATING") !== "REVALIDATING";

const isAskedBy = (groups: readonly Group[], { sku, quantity }: Wish) =>
  groups.some((group) => group.quantity === quantity && group.skus.includes(sku));
