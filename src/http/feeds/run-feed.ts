import type { IncomingMessage, ServerResponse } from "node:http";
import type { Clock } from "../../clock.js";
import { GatewayError } from "../../errors.js";
import type { FeedItem } from "../../feed/feed-page.js";
import type { FeedReader } from "../../feed/feed-reader.js";
import { createFeedFormat } from "../../feed/formats/create-feed-format.js";
import { type Channel, channelOf, type FeedFormatName } from "../../feed/formats/feed-format.js";
import type { FeedRecord, RecordError } from "../../feed/formats/feed-record.js";
import type { Caller } from "../../pricing/caller.js";
import type { Decimal } from "../../pricing/decimal.js";
import { oneTurn, type Turns } from "../../pricing/turns.js";
import type { Logger } from "../../telemetry/logger.js";
import type { Metrics } from "../../telemetry/metrics.js";
import { maskedMessage } from "../format-error.js";
import { acceptsGzip } from "./accepts-gzip.js";
import type { FeedRequest } from "./feed-request.js";
import type { FeedStream, FeedStreams } from "./feed-streams.js";
import { type Framing, fileFraming, lineFraming } from "./framing.js";
import type { FullRuns } from "./full-runs.js";
import { LeftOut } from "./left-out.js";
import { RunLog } from "./run-log.js";
import { streamFeed } from "./stream-feed.js";

export interface RunFeedOptions {
  readonly feed: Pick<FeedReader, "readFeed">;
  /** @param now what ages are told as of, in ms since the epoch. @param toError what is told of what could not be read */
  readonly toRecord: (item: FeedItem, caller: Caller, now: number, toError: ToRecordError) => FeedRecord;
  readonly streams: FeedStreams;
  /** Told of each full run that was told to its end. */
  readonly fullRuns: FullRuns;
  /** Units that marketplaces are told less than there are; those that are not named, none. */
  readonly safetyStock: ReadonlyMap<Channel, Decimal>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** In which items are written; left out, a page at once. */
  readonly turns?: Turns;
}

type ToRecordError = (error: Error) => Omit<RecordError, "field">;

export interface FeedCall {
  readonly name: FeedFormatName;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** SKUs that are read together, and told before a cursor. What is done with a page in one go takes some 2 ms. */
const pageSize = 250;

/** Answers a call that may be answered. @throws {GatewayError} where it cannot begin: nothing was sent yet */
export async function runFeed(call: FeedCall, asked: FeedRequest, caller: Caller, options: RunFeedOptions) {
  const { name, request, response } = call;
  const { metrics, clock, turns = oneTurn } = options;
  const leftOut = new LeftOut((reason) => metrics.itemLeftOut(name, reason));
  const format = createFormat(name, asked, leftOut, options);
  const framing = name === "ndjson" ? lineFraming : fileFraming;
  const isCompressed = acceptsGzip(request.headers["accept-encoding"]);
  const headers = toHeaders(format.contentType, isCompressed, framing);
  if (request.method === "HEAD") {
    response.writeHead(200, headers).end();
    return;
  }
  const stream = beginStream(options.streams, response);
  const log = new RunLog(name, leftOut, options);
  try {
    const wants = { price: true, stock: true };
    const pages = options.feed.readFeed({ ...asked.start, wants, pageSize, signal: stream.signal });
    const toError = createToError(options);
    let forSale = 0;
    const toRecord = (item: FeedItem) => {
      if (item.price?.kind !== "unknown") forSale++;
      return options.toRecord(item, caller, clock.now(), toError);
    };
    const told = { leftOut: () => leftOut.skus, onTold: (items: number) => log.add(items) };
    const parts = { pages, pageSize, format, framing, toRecord, ...told, headers, isCompressed };
    const end = await streamFeed({ ...parts, response, stream, clock, turns });
    log.end(end);
    if (end.outcome === "whole" && isOneBody(name, asked)) log.onFullRun(forSale, options.fullRuns.noteWhole(forSale));
  } catch (error) {
    if (response.headersSent) metrics.streamEnded(name, "failed"); // by a bug, which is logged as one
    throw error;
  } finally {
    stream.cut("left"); // what was read ahead is nobody's any more
    stream.end();
  }
}

function createFormat(name: FeedFormatName, asked: FeedRequest, leftOut: LeftOut, { safetyStock }: RunFeedOptions) {
  const channel = channelOf(name);
  const keptBack = channel === null ? undefined : safetyStock.get(channel);
  return createFeedFormat(name, { ...asked, safetyStock: keptBack ?? "0" }, leftOut.add);
}

function beginStream(streams: FeedStreams, response: ServerResponse): FeedStream {
  const stream = streams.begin();
  const leave = () => stream.cut("left");
  if (response.closed) leave();
  else response.once("close", leave);
  return stream;
}

function toHeaders(contentType: string, isCompressed: boolean, { trailerNames }: Framing): Record<string, string> {
  return {
    "content-type": contentType,
    "cache-control": "private, no-store",
    vary: "Authorization, Accept-Encoding",
    "x-content-type-options": "nosniff",
    "x-accel-buffering": "no", // nginx would gather the whole body before it passes on any of it
    ...(isCompressed ? { "content-encoding": "gzip" } : {}),
    ...(trailerNames.length > 0 ? { trailer: trailerNames.join(", ") } : {}),
  };
}

function createToError({ metrics, logger }: RunFeedOptions): ToRecordError {
  return (error) => {
    if (!(error instanceof GatewayError)) logger.error({ err: error }, "a request met a bug");
    const told =
      error instanceof GatewayError
        ? { code: error.code, message: error.clientMessage }
        : ({ code: "INTERNAL_SERVER_ERROR", message: maskedMessage } as const);
    metrics.errorSent(told.code);
    return told;
  };
}

/** Whether a whole body is a full run, which of Amazon's files may take several. */
function isOneBody(name: FeedFormatName, { start }: FeedRequest): boolean {
  return name !== "amazon-json" && start.after === null && start.changedSince === null;
}
