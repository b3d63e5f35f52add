import type { FeedRecord } from "../../feed/formats/feed-record.js";
import { withoutControlCharacters } from "../../pricing/control-characters.js";
import { TryAgain, whatIsFinal } from "./feed-ended.js";
import { type CursorLine, type ErrorLine, type FeedLine, parseFeedLine } from "./feed-line.js";
import { readLines } from "./read-lines.js";

/** The items before a cursor line, all of them. */
export interface ReceivedPage {
  readonly records: readonly FeedRecord[];
  /** Their lines, as they came. */
  readonly bytes: Buffer;
  readonly cursor: CursorLine;
}

/** An item with a thousand warehouses has some 100 kB. */
const mostLineBytes = 4 * 1024 * 1024;

/** A page has 1000 items at most, of 1 or 2 kB each. */
const mostPageBytes = 64 * 1024 * 1024;

/**
 * The whole pages of a feed, to the last one. Half a page is dropped: it is told again from the cursor before it.
 * @throws {TryAgain} where the stream ends before the last page, or says what no feed says
 * @throws {CursorLost} {FeedEnded} where it says that repeating does not mend it
 */
export async function* readPages(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ReceivedPage> {
  let records: FeedRecord[] = [];
  let lines: Buffer[] = [];
  let held = 0;
  for await (const bytes of readLines(chunks, mostLineBytes)) {
    const line = parse(bytes);
    if (line.kind === "error") throw toThrown(line);
    if (line.kind === "cursor") {
      yield { records, bytes: Buffer.concat(lines), cursor: line };
      if (!line.hasNextPage) return;
      records = [];
      lines = [];
      held = 0;
      continue;
    }
    records.push(line.record);
    lines.push(bytes);
    held += bytes.byteLength;
    if (held > mostPageBytes) throw new TryAgain(`the gateway told ${mostPageBytes} bytes without a cursor`);
  }
  throw new TryAgain("the stream was cut off");
}

function parse(bytes: Buffer): FeedLine {
  try {
    return parseFeedLine(bytes.toString("utf8"));
  } catch (error) {
    throw new TryAgain(`the gateway told ${(error as Error).message}`);
  }
}

function toThrown({ code, message, retryAfterSeconds, reason }: ErrorLine): Error {
  const told = `the gateway could not go on (${withoutControlCharacters(`${code}: ${message}`).slice(0, 300)})`;
  const refusal = whatIsFinal(reason, told);
  return refusal ?? new TryAgain(told, retryAfterSeconds === null ? null : retryAfterSeconds * 1000);
}
