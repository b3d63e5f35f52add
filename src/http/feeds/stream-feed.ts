import type { ServerResponse } from "node:http";
import type { Clock } from "../../clock.js";
import { GatewayError, GatewayStopping } from "../../errors.js";
import type { FeedItem, FeedPage } from "../../feed/feed-page.js";
import type { FeedFormat } from "../../feed/formats/feed-format.js";
import type { FeedRecord } from "../../feed/formats/feed-record.js";
import type { Turns } from "../../pricing/turns.js";
import type { StreamOutcome } from "../../telemetry/metric-names.js";
import { extensionsOf } from "../format-error.js";
import { FeedBody } from "./feed-body.js";
import type { FeedStream, StreamCut } from "./feed-streams.js";
import type { Framing } from "./framing.js";
import { untilAborted } from "./until-aborted.js";

/** How long a reader may take nothing of what waits for it, in ms: one who is gone without a word holds no place for longer. */
export const stalledMs = 5 * 60_000;

export interface StreamParts {
  readonly pages: AsyncGenerator<FeedPage, void>;
  /** Most items of a page. */
  readonly pageSize: number;
  readonly format: FeedFormat;
  readonly framing: Framing;
  readonly toRecord: (item: FeedItem) => FeedRecord;
  /** How many SKUs the format did not tell, or not all of, so far. */
  readonly leftOut: () => number;
  /** Told of each page that was written, by how many items of it were told. */
  readonly onTold: (items: number) => void;
  readonly response: ServerResponse;
  readonly headers: Readonly<Record<string, string>>;
  readonly isCompressed: boolean;
  readonly stream: FeedStream;
  readonly clock: Clock;
  /** In which items are written. */
  readonly turns: Turns;
}

/** How far a file has come. */
interface Progress {
  told: number;
  bytes: number;
  largestPage: number;
}

/** How a stream ended, and by which error where one ended it. */
export interface StreamEnd {
  readonly outcome: StreamOutcome;
  readonly error: GatewayError | null;
}

/**
 * Tells a run from its first page to its last, no faster than it is read.
 * @throws {GatewayError} where it cannot begin: nothing was sent yet. What else is thrown is a bug
 */
export async function streamFeed(parts: StreamParts): Promise<StreamEnd> {
  const { pages, response, stream } = parts;
  const first = await untilAborted(nextPage(pages), stream.signal);
  if (first.kind === "aborted") {
    if (stream.signal.reason === "stopping") throw new GatewayStopping();
    return { outcome: stream.signal.reason as StreamCut, error: null };
  }
  response.writeHead(200, parts.headers);
  const body = new FeedBody(response, parts.isCompressed);
  try {
    const isWhole = await tellPages(first.value, body, parts);
    return isWhole ? { outcome: "whole", error: null } : breakOff(body, parts);
  } catch (error) {
    if (error instanceof GatewayError) return { outcome: "failed", error: sayWhy(error, body, parts) };
    body.destroy();
    throw error;
  }
}

/** @returns whether the body is whole; not where somebody had it cut */
async function tellPages(first: FeedPage, body: FeedBody, parts: StreamParts): Promise<boolean> {
  const { pages, format, framing, stream } = parts;
  const progress: Progress = { told: 0, bytes: 0, largestPage: 0 };
  let before = format.begin();
  for (let page = first; ; before = "") {
    const isLast = await writePage(page, before, progress, body, parts);
    if (isLast === null) return false;
    if (isLast) {
      body.end(framing.trailers(page, progress.told, parts.leftOut()));
      return true;
    }
    const next = await untilAborted(nextPage(pages), stream.signal);
    if (next.kind === "aborted") return false;
    page = next.value;
  }
}

/** @returns whether it is the last of this body; null where the stream was cut */
async function writePage(page: FeedPage, before: string, progress: Progress, body: FeedBody, parts: StreamParts) {
  const { format, framing, stream, clock } = parts;
  const texts = [before];
  await writeItems(page, texts, parts);
  if (stream.signal.aborted) return null;
  const told = texts.length - 1;
  texts.push(framing.afterPage(page));
  const bytes = Buffer.from(texts.join("")); // once for all that counts and sends them
  progress.told += told;
  progress.bytes += bytes.length;
  progress.largestPage = Math.max(progress.largestPage, bytes.length);
  const isLast = !page.hasNextPage || isFull(progress, parts);
  const stall = clock.after(stalledMs, () => stream.cut("stalled"));
  const whole = isLast ? Buffer.concat([bytes, Buffer.from(format.end())]) : bytes;
  const written = await untilAborted(body.write(whole), stream.signal);
  stall();
  if (written.kind === "aborted") return null;
  parts.onTold(told);
  return isLast;
}

/** Adds what is told of each that is told, until the stream is cut. */
function writeItems({ items }: FeedPage, texts: string[], { format, toRecord, turns, stream }: StreamParts) {
  return turns.each(items.length, (index) => {
    if (stream.signal.aborted) return;
    const text = format.item(toRecord(items[index] as FeedItem));
    if (text !== "") texts.push(text);
  });
}

/** Whether another page might not fit any more: a file is cut between pages, where a cursor stands. */
function isFull({ told, bytes, largestPage }: Progress, { format, pageSize }: StreamParts): boolean {
  const { mostItems, mostBytes } = format;
  return (mostItems !== null && told + pageSize > mostItems) || (mostBytes !== null && bytes + largestPage > mostBytes);
}

function breakOff(body: FeedBody, parts: StreamParts): StreamEnd {
  const outcome = parts.stream.signal.reason as StreamCut;
  if (outcome === "stopping") return { outcome, error: sayWhy(new GatewayStopping(), body, parts) };
  body.destroy();
  return { outcome, error: null };
}

/** Says why there is no more, where there is a place for it. Else, or where it is not read, the connection breaks. */
function sayWhy(error: GatewayError, body: FeedBody, parts: StreamParts): GatewayError {
  const { retryAfterSeconds = null, ...more } = extensionsOf(error);
  const words = parts.framing.lastWords({ ...more, message: error.clientMessage, retryAfterSeconds });
  if (words === null) body.destroy();
  else body.endWith(words);
  return error;
}

async function nextPage(pages: AsyncGenerator<FeedPage, void>): Promise<FeedPage> {
  const { value } = await pages.next();
  if (!value) throw new Error("a run ended without a last page");
  return value;
}
