import { ChangeFollower } from "./cache/change-follower.js";
import type { CallSlots } from "./dispatch/call-slots.js";
import { FeedReader } from "./feed/feed-reader.js";
import { FeedSkus } from "./feed/feed-skus.js";
import { ItemReader, type ItemReaderOptions } from "./feed/item-reader.js";
import type { Journal } from "./feed/journal.js";
import type { JournalRecorder } from "./feed/journal-recorder.js";
import { SlottedList } from "./feed/slotted-list.js";
import type { LoadControlParts } from "./load-control.js";
import type { ChangeShare, ToldChange } from "./pricing/change-share.js";
import type { Connector } from "./pricing/connector.js";
import type { Invalidation, Reach } from "./pricing/invalidation.js";
import type { Turns } from "./pricing/turns.js";
import type { Settings } from "./settings.js";

// What asks the ERP beside the layers, in slots of its own: for the list of all that is for sale, and for what changed.

interface BesideParts extends LoadControlParts {
  readonly settings: Settings;
  readonly random: () => number;
  readonly turns?: Turns;
}

export function createFeed(
  connector: Connector,
  slots: CallSlots,
  { prices, stock }: Pick<ItemReaderOptions, "prices" | "stock">,
  journal: Journal,
  recorder: JournalRecorder,
  { settings, clock, turns }: BesideParts,
): FeedReader {
  const { erpTimeoutMs: timeoutMs, deadlineFeedMs: deadlineMs } = settings;
  const freshMs = { price: settings.priceFreshMs, stock: settings.stockFreshMs };
  const list =
    connector.products === undefined ? null : new SlottedList(connector.products, { slots, timeoutMs, clock });
  const items = new ItemReader({ prices, stock, freshMs, recorder, ...(turns === undefined ? {} : { turns }) });
  const capacity = {
    get calls() {
      return slots.limit.current;
    },
    keysPerCall: Math.max(connector.prices.keysPerCall, connector.stock.keysPerCall),
  };
  return new FeedReader({ skus: new FeedSkus(list, journal), items, journal, capacity, deadlineMs, clock });
}

/** How what the ERP changed is forgotten, here and everywhere. */
export interface ChangeForgetting {
  readonly forget: (change: ToldChange) => number;
  readonly reachOf: (invalidation: Invalidation) => Reach;
  /** Called once, where changes are followed; null for a replica that stands alone. */
  readonly share: () => ChangeShare | null;
}

/** Forgets what the ERP tells to have changed. Null where the connector has no changes to tell, or the settings turn following them off. */
export function followChanges(
  { changes }: Connector,
  slots: CallSlots,
  journal: Journal,
  { forget, reachOf, share: createShare }: ChangeForgetting,
  { settings, clock, random, logger, metrics }: BesideParts,
): ChangeFollower | null {
  const { changesPollMs: intervalMs, erpTimeoutMs: timeoutMs } = settings;
  if (changes === undefined || intervalMs === 0) return null;
  const share = createShare();
  metrics.observe("changes_asked_here", () => (share?.turn().kind === "follows" ? 0 : 1));
  const follower = new ChangeFollower(changes, {
    ...{ intervalMs, timeoutMs, slots, clock, random, logger, forget, reachOf, share },
    since: journal.followedTo,
    onFollowed(cursor) {
      journal.followedTo = cursor;
    },
    onPoll: metrics.changesPolled,
  });
  follower.start();
  return follower;
}
