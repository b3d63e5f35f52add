import { type Answers, audienceOf, keyOf, type Price, type Stock } from "./answer.js";
import { askGateway, type GatewayOptions, type Reply } from "./gateway.js";
import { type Group, isAskedBy, toRequests, type Wish } from "./query.js";
import type { Caller, Session } from "./session.js";

/** What an element shows. */
export type Shown =
  /** What the shop's server wrote into it. */
  | { readonly kind: "guest" }
  /** Likewise, while something better is under way. */
  | { readonly kind: "waiting" }
  | { readonly kind: "price"; readonly price: Price; readonly isLastKnown: boolean }
  | { readonly kind: "stock"; readonly stock: Stock; readonly isLastKnown: boolean }
  /** Nothing can be told: "price on request". */
  | { readonly kind: "on-request" };

/** An element on the page. */
export interface Watcher extends Wish {
  /**
   * Whether what the shop's server wrote into it stays.
   * @param caller null where the shop's server cannot tell
   * @param hasFailed all tries came to nothing; else whether it is asked about at all
   */
  keepsText(caller: Caller | null, hasFailed: boolean): boolean;
  show(shown: Shown): void;
}

export interface PageOptions {
  readonly transport: GatewayOptions;
  readonly visitor: Session;
  readonly after: (ms: number, run: () => void) => () => void;
  /** 0 to below 1. */
  readonly random: () => number;
  /** With true at each price of the customer's own that is shown, with false when all are gone. */
  readonly announce: (isOwn: boolean) => void;
}

/** How long the gateway wants to be left alone, by all its replies of one round. */
interface Pause {
  ms: number;
}

/** A frame: elements that are added one after another share a query. */
const gatherMs = 16;
const maxRetries = 2;
const firstBackOffMs = 500;
/** A gateway that wants to be left alone for longer is not waited for. */
const maxWaitMs = 30_000;

/** Prices and stock of one page: gathers what its elements wish, asks in one query, and forgets all when the caller changes. */
export class PageAnswers {
  readonly #watchers = new Set<Watcher>();
  #gathered: Watcher[] = [];
  /** Aborted when the caller changes: nothing asked for the one before is shown any more. */
  #era = new AbortController();

  readonly #options: PageOptions;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    watcher.show({ kind: "waiting" });
    if (this.#gathered.push(watcher) > 1) return;
    const { signal } = this.#era;
    this.#options.after(gatherMs, () => {
      if (signal.aborted) return;
      const gathered = this.#gathered;
      this.#gathered = [];
      void this.#serve(gathered, signal);
    });
  }

  remove(watcher: Watcher): void {
    this.#watchers.delete(watcher);
  }

  /** All fall back to what the shop wrote at once, and are asked again. */
  restart(): void {
    this.#era.abort();
    this.#era = new AbortController();
    this.#gathered = [];
    this.#options.announce(false);
    for (const watcher of this.#watchers) this.add(watcher);
  }

  async #serve(watchers: readonly Watcher[], era: AbortSignal): Promise<void> {
    let open = watchers;
    for (let tries = 0; ; tries += 1) {
      // Null where the shop's server cannot tell: nothing is asked for an unknown.
      const caller = await this.#options.visitor.read().catch(() => null);
      if (era.aborted) return;
      const pause: Pause = { ms: 0 };
      if (caller !== null) open = await this.#round(open, caller, era, pause);
      if (era.aborted) return;
      if (open.length === 0 || tries === maxRetries || pause.ms > maxWaitMs) {
        for (const watcher of open) watcher.show({ kind: watcher.keepsText(caller, true) ? "guest" : "on-request" });
        return;
      }
      const backOffMs = firstBackOffMs * 2 ** tries * (0.5 + this.#options.random() / 2);
      await new Promise<void>((resolve) => this.#options.after(backOffMs + pause.ms, resolve));
    }
  }

  /** @returns who is still without an answer */
  async #round(watchers: readonly Watcher[], caller: Caller, era: AbortSignal, pause: Pause): Promise<Watcher[]> {
    const asking = watchers.filter((watcher) => {
      const isKept = watcher.keepsText(caller, false);
      if (isKept) watcher.show({ kind: "guest" });
      // Those that have left the page are not asked about.
      return !isKept && this.#watchers.has(watcher);
    });
    const open = toRequests(asking).map(async (groups) => {
      const mine = asking.filter((watcher) => isAskedBy(groups, watcher));
      const reply = await this.#ask(groups, caller, era);
      return era.aborted ? [] : this.#tell(mine, reply, pause);
    });
    return (await Promise.all(open)).flat();
  }

  /** A token that is no longer good is replaced once. */
  async #ask(groups: readonly Group[], caller: Caller, era: AbortSignal): Promise<Reply> {
    const reply = await askGateway(this.#options.transport, groups, caller.token, era);
    if (reply.kind !== "unknown-token") return reply;
    const anew = await this.#options.visitor.read(true).catch(() => null);
    // Another customer by now: the page has begun anew.
    if (era.aborted || !anew?.token) return { kind: "refused" };
    return askGateway(this.#options.transport, groups, anew.token, era);
  }

  #tell(watchers: Watcher[], reply: Reply, pause: Pause): Watcher[] {
    if (reply.kind === "later") {
      pause.ms = Math.max(pause.ms, reply.retryAfterMs);
      return watchers;
    }
    // A refusal answers nothing, and another try would end in the same way.
    const answers: Answers = reply.kind === "answered" ? reply.answers : new Map();
    return watchers.filter((watcher) => !this.#show(watcher, answers));
  }

  /** @returns false where another try may bring an answer */
  #show(watcher: Watcher, answers: Answers): boolean {
    const told = answers.get(keyOf(watcher.sku, watcher.quantity));
    if (told === "later") return false;
    try {
      watcher.show(told ? toShown(watcher, told) : { kind: "on-request" });
      if (told && audienceOf(told) === "CUSTOMER") this.#options.announce(true);
    } catch {
      // What no Intl can format, such as a currency of two letters, must not leave its neighbours without an answer.
      watcher.show({ kind: "on-request" });
    }
    return true;
  }
}

/** That something is read again in the ordinary course is no failure that a buyer need know of. */
function toShown({ topic: { name } }: Wish, told: Price | Stock): Shown {
  const isLastKnown = (told.freshness.staleReason ?? "REVALIDATING") !== "REVALIDATING";
  return { kind: name, [name]: told, isLastKnown } as unknown as Shown;
}
