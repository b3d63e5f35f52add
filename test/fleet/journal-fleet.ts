import type { Clock } from "../../src/clock.js";
import type { JournalPosition } from "../../src/feed/change-journal.js";
import { SharedJournal } from "../../src/feed/shared-journal.js";
import { Seal } from "../../src/fleet/seal.js";
import { SharedChanges } from "../../src/fleet/shared-changes.js";
import { SharedTexts } from "../../src/fleet/shared-texts.js";
import type { Store } from "../../src/fleet/store.js";
import { StoreLife } from "../../src/fleet/store-life.js";
import { settle, type VirtualClock } from "../support/virtual-clock.js";
import { type LuaRedis, LuaRedisStore } from "./lua-redis.js";
import { createLogger } from "./quiet-logger.js";
import { fleetSecret } from "./replica.js";

export interface JournalOptions {
  readonly maxSkus?: number;
  readonly rules?: string;
  readonly logs?: string[];
  readonly onFailed?: () => void;
}

/** A journal over a store, as the gateway has it. */
export function createSharedJournal(
  store: Store,
  clock: Clock,
  { maxSkus = 1_000, rules = "rules", logs = [], onFailed = () => {} }: JournalOptions = {},
): SharedJournal {
  const shared = { store, seal: new Seal(fleetSecret, "erp"), rules, life: new StoreLife(clock), maxSkus };
  const journal = new SharedJournal({
    ...{ record: new SharedChanges(shared), texts: new SharedTexts(shared), maxSkus, clock, onFailed },
    logger: createLogger(logs),
  });
  journal.start();
  return journal;
}

/** Turns the clock until it has come. */
export async function inTime<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  for (await settle(); !isSettled; ) await clock.advance(1);
  return settled;
}

/** What the ERP says of an SKU, and how often that was another one before. */
export interface Said {
  readonly value: number;
  readonly version: number;
}

/** What a marketplace shows that was told by runs of the feed, and where its next one starts. */
export interface Shown {
  readonly values: Map<string, Said>;
  cursor: JournalPosition;
}

/** How long a replica tells what it keeps without asking the ERP, in ms, and how long the ERP takes. */
export const freshMs = 10_000;
export const erpMs = 20;

/** A replica that keeps for a while what the ERP said, and notes what it sees. */
export class JournalReplica {
  readonly store: LuaRedisStore;
  readonly journal: SharedJournal;
  readonly #clock: VirtualClock;
  readonly #erp: ReadonlyMap<string, Said>;
  readonly #kept = new Map<string, { readonly said: Said; readonly askedAt: number }>();

  constructor(server: LuaRedis, erp: ReadonlyMap<string, Said>, options: JournalOptions = {}) {
    this.#clock = server.clock;
    this.#erp = erp;
    this.store = new LuaRedisStore(server, server.clock);
    this.journal = createSharedJournal(this.store, server.clock, options);
  }

  /** Asks the ERP, which answers by what is so within the time that it takes. */
  ask(sku: string, computedAfterMs = erpMs / 2): Promise<Said> {
    return inTime(this.#clock, this.beginToAsk(sku, computedAfterMs, erpMs));
  }

  async beginToAsk(sku: string, computedAfterMs: number, takesMs: number): Promise<Said> {
    const askedAt = this.#clock.now();
    await this.#pause(computedAfterMs);
    const said = this.#erp.get(sku) as Said;
    await this.#pause(takesMs - computedAfterMs);
    const kept = this.#kept.get(sku);
    // As a cache has it: what was asked for before a later answer came is no news.
    if (kept !== undefined && kept.askedAt > askedAt) return kept.said;
    this.#kept.set(sku, { said, askedAt });
    this.journal.note(sku, "price", said.value, askedAt);
    return said;
  }

  /** What a page tells; noted as it is told. */
  async tell(sku: string): Promise<Said> {
    const kept = this.#kept.get(sku);
    if (kept === undefined || this.#clock.now() >= kept.askedAt + freshMs) return this.ask(sku);
    this.journal.note(sku, "price", kept.said.value, kept.askedAt);
    return kept.said;
  }

  /** What it keeps of an SKU. */
  kept(sku: string): Said | null {
    return this.#kept.get(sku)?.said ?? null;
  }

  forget(sku: string | null): void {
    if (sku === null) this.#kept.clear();
    else this.#kept.delete(sku);
    if (sku === null) this.journal.touchAll();
    else this.journal.touch([sku]);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.after(ms, resolve));
  }
}

/**
 * A run, full where there is nothing to start from, its pages read from replicas by turns.
 * @param readers gives the replica of the next page. @returns null where the cursor is lost
 */
export async function run(
  clock: VirtualClock,
  skus: readonly string[],
  shown: Shown | null,
  readers: () => JournalReplica,
  between: () => Promise<void> = async () => {},
): Promise<Shown | null> {
  let head = await inTime(clock, readers().journal.head());
  const values = new Map(shown?.values ?? []);
  if (shown !== null && !(await inTime(clock, readers().journal.reaches(shown.cursor)))) return null;
  const pageSize = 1;
  for (let after = shown?.cursor.sequence ?? 0, start = 0; ; start += pageSize) {
    const reader = readers();
    let told = skus.slice(start, start + pageSize);
    let isLast = start + pageSize >= skus.length;
    if (shown !== null) {
      const changes = await inTime(clock, reader.journal.changesBetween(after, head.sequence, pageSize)).catch(
        () => null,
      );
      if (changes === null) return null;
      if (!(await inTime(clock, reader.journal.reaches({ epoch: head.epoch, sequence: after })))) return null;
      told = changes.map(({ sku }) => sku);
      after = changes.at(-1)?.sequence ?? after;
      isLast = changes.length < pageSize;
    }
    for (const sku of told) values.set(sku, await reader.tell(sku));
    head = await inTime(clock, reader.journal.keep(told, head));
    if (isLast) return { values, cursor: head };
    await between();
  }
}
