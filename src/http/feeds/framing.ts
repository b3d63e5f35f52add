import type { FeedPage } from "../../feed/feed-page.js";
import { type StreamError, toCursorLine, toErrorLine } from "../../feed/formats/ndjson-lines.js";

/** What is told of the run itself, beside its items. */
export interface Framing {
  /** Names that the header `Trailer` announces. */
  readonly trailerNames: readonly string[];
  /** What stands behind the items of a page. */
  afterPage(page: FeedPage): string;
  /** The last words of a run that cannot go on; null where they have no place, so that the connection must break. */
  lastWords(error: StreamError): string | null;
  /** What is told after a whole body. @param told how many items. @param leftOut how many SKUs are not told, or not all of them */
  trailers(last: FeedPage, told: number, leftOut: number): Readonly<Record<string, string>>;
}

/** Lines of ndjson have room for everything. */
export const lineFraming: Framing = {
  trailerNames: [],
  afterPage: toCursorLine,
  lastWords: toErrorLine,
  trailers: () => ({}),
};

/** A marketplace's file has room for nothing but its items; HTTP's trailers have. */
export const fileFraming: Framing = {
  trailerNames: [
    "Pricelane-Items",
    "Pricelane-Left-Out",
    "Pricelane-Has-Next-Page",
    "Pricelane-End-Cursor",
    "Pricelane-Delta-Cursor",
  ],
  afterPage: () => "",
  lastWords: () => null,
  trailers: ({ hasNextPage, endCursor, deltaCursor }, told, leftOut) => ({
    "Pricelane-Items": String(told),
    "Pricelane-Left-Out": String(leftOut),
    "Pricelane-Has-Next-Page": String(hasNextPage),
    "Pricelane-End-Cursor": endCursor,
    ...(deltaCursor === null ? {} : { "Pricelane-Delta-Cursor": deltaCursor }),
  }),
};
