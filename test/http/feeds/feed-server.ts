import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { toFeedRecord } from "../../../schema/feed-record.js";
import { type Clock, systemClock } from "../../../src/clock.js";
import { Forbidden, Unauthenticated } from "../../../src/errors.js";
import type { FeedItem, FeedPage } from "../../../src/feed/feed-page.js";
import type { FeedQuestion } from "../../../src/feed/feed-reader.js";
import { createFeedRoutes, type FeedRoutesOptions } from "../../../src/http/feeds/feed-routes.js";
import { FeedStreams } from "../../../src/http/feeds/feed-streams.js";
import { createPlainServer } from "../../../src/http/http-server.js";
import type { Caller } from "../../../src/pricing/caller.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { createMetrics } from "../../../src/telemetry/metrics.js";
import { foundAt, ladderOf, stockOf } from "../../support/samples.js";

export const now = Date.UTC(2026, 10, 24, 9, 30);

export const feedCaller: Caller = {
  kind: "machine",
  customer: null,
  lane: "feed",
  scopes: new Set(["feed"]),
  budgetId: null,
};

export function itemOf(sku: string, parts: Partial<FeedItem> = {}): FeedItem {
  const price = foundAt(ladderOf({ sku }), now);
  const stock = foundAt(stockOf({ sku, warehouses: [{ code: "LYON", available: "3" }] }), now);
  return { sku, price, stock, isRemoved: false, ...parts };
}

export function pageOf(items: readonly FeedItem[], number: number, isLast: boolean): FeedPage {
  return { items, hasNextPage: !isLast, endCursor: `p1.${number}`, deltaCursor: isLast ? "d1.end" : null };
}

type ReadFeed = (question: FeedQuestion) => AsyncGenerator<FeedPage, void>;

/** Tells the pages given, and notes what was asked of it. */
export class FakeFeed {
  readonly questions: FeedQuestion[] = [];
  pagesRead = 0;
  readonly #read: ReadFeed;

  constructor(read: ReadFeed) {
    this.#read = read;
  }

  async *readFeed(question: FeedQuestion): AsyncGenerator<FeedPage, void> {
    this.questions.push(question);
    for await (const page of this.#read(question)) {
      this.pagesRead += 1;
      yield page;
    }
  }
}

/** Tells pages of such sizes, `S1` the first SKU. */
export function feedOf(...sizes: readonly number[]): FakeFeed {
  return new FakeFeed(async function* () {
    let sku = 0;
    for (const [index, size] of sizes.entries()) {
      const items = Array.from({ length: size }, () => itemOf(`S${++sku}`));
      yield pageOf(items, index + 1, index === sizes.length - 1);
    }
  });
}

export interface FeedServerOptions {
  readonly mostStreams?: number;
  readonly clock?: Clock;
  readonly safetyStock?: FeedRoutesOptions["safetyStock"];
  readonly logger?: FeedRoutesOptions["logger"];
}

/** The feeds' routes over a fake reader, on a real server; "Bearer feed" is the one credential with the scope. */
export async function startFeedServer(feed: FeedRoutesOptions["feed"], options: FeedServerOptions = {}) {
  const { mostStreams = 2, clock = systemClock, safetyStock = new Map() } = options;
  const { logger = createLogger({ level: "silent" }) } = options;
  const metrics = createMetrics({ processMetrics: false });
  const streams = new FeedStreams(mostStreams);
  const routes = createFeedRoutes({
    feed,
    streams,
    safetyStock,
    authenticator: { authenticate, recall: () => null },
    toRecord: (item, _caller, at, toError) => {
      const lowestNetsOf = () => ({ lowest: null, prior: null });
      return toFeedRecord(item, { showsPriceList: false, stockLowAt: "5", lowestNetsOf, now: at }, toError);
    },
    ...{ clock, metrics, logger },
  });
  const server = createPlainServer();
  const bugs: unknown[] = [];
  server.on("request", (asked, response) => {
    const [path = "", search] = (asked.url ?? "").split("?");
    const route = routes[path] as (typeof routes)[string];
    const done = Promise.resolve(route(asked, response, search === undefined ? "" : `?${search}`));
    done.catch((error: unknown) => bugs.push(error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    streams,
    bugs,
    readMetrics: () => metrics.text(),
    get: (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { headers: { authorization: "Bearer feed", ...headers } }),
    /** By node:http, which neither decompresses nor reads before it is asked to. */
    async open(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
      const sent = request(url + path, { headers: { authorization: "Bearer feed", ...headers } }).end();
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      return response;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function authenticate(authorization: string | undefined): Promise<Caller> {
  if (authorization === "Bearer feed") return feedCaller;
  if (authorization === undefined || authorization === "Bearer shop") return { ...feedCaller, scopes: new Set() };
  if (authorization === "Bearer foreign") throw new Forbidden("The token is for another company.");
  throw new Unauthenticated("The token has expired.");
}

/** The lines of a body, parsed. */
export function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
