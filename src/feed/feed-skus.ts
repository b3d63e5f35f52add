import { ErpBadAnswer, ErpListsNoProducts, FeedCursorLost } from "../errors.js";
import type { ChangeJournal, JournalPosition } from "./change-journal.js";
import { cursorLost, parseDeltaCursor, parsePageCursor, type RunPlace } from "./feed-cursor.js";
import type { FeedStart } from "./feed-page.js";
import type { SlottedList } from "./slotted-list.js";

/** The next SKUs of a run, and how to go on once some of them were told. */
export interface NextSkus {
  readonly skus: readonly string[];
  /** @param count how many of `skus` were told, from the first on */
  placeAfter(count: number): RunPlace;
  /** Whether the run has more to tell after so many. */
  hasMoreAfter(count: number): boolean;
}

/** SKUs that mark the place in a page of the ERP's list that was not told to its end: one is enough, unless it was removed meanwhile. */
const marks = 8;
/** The most that a page of the list holds, and so the farthest that a mark can lie in one. */
const longestPage = 1_000;
/** What an ERP says to a cursor that it does not know, or no longer. */
const lostStatuses = [400, 404, 410, 422];

/** Where runs begin and how they go on: in full over the ERP's list of products, or over the journal's changes. */
export class FeedSkus {
  readonly #products: Pick<SlottedList, "readPage"> | null;
  readonly #journal: ChangeJournal;

  /** @param products null where the connector cannot list them */
  constructor(products: Pick<SlottedList, "readPage"> | null, journal: ChangeJournal) {
    this.#products = products;
    this.#journal = journal;
  }

  /** @throws {FeedCursorLost} for a cursor that is none, or that nothing can be read from any more */
  async open({ after, changedSince }: FeedStart): Promise<RunPlace> {
    const since = changedSince === null ? null : parseDeltaCursor(changedSince);
    if (after !== null) return sameRun(parsePageCursor(after), since);
    const head = await this.#journal.head();
    if (since === null) return { kind: "full", head, at: { after: null, past: [], isEnd: false } };
    if (!(await this.#journal.reaches(since))) throw cursorLost("`changedSince`");
    return { kind: "delta", head, at: { since: since.sequence, after: since.sequence } };
  }

  /**
   * @param limit 1 to 1000. @param deadline ms since the epoch
   * @throws {FeedCursorLost} where the place is lost. @throws {ErpError} where the ERP's list cannot be read
   */
  read(place: RunPlace, limit: number, deadline: number): Promise<NextSkus> {
    return place.kind === "full" ? this.#readList(place, limit, deadline) : this.#readChanges(place, limit);
  }

  async #readList(place: FullPlace, limit: number, deadline: number): Promise<NextSkus> {
    if (place.at.isEnd) return nothing(place);
    let { after, past } = place.at;
    for (;;) {
      const page = await this.#readPage(after, past.length > 0 ? longestPage : limit, deadline);
      if (page.next !== null && page.next === after)
        throw new ErpBadAnswer("more products wait behind the cursor given");
      const skus = behind(past, [...new Set(page.skus)]);
      if (skus.length > 0 || page.next === null) return listed(place, { after, past, next: page.next, skus });
      [after, past] = [page.next, []];
    }
  }

  async #readPage(after: string | null, limit: number, deadline: number) {
    if (this.#products === null) throw new ErpListsNoProducts("the connector lists no products");
    try {
      return await this.#products.readPage(after, limit, deadline);
    } catch (error) {
      const isLost = error instanceof ErpBadAnswer && error.status !== null && lostStatuses.includes(error.status);
      if (!isLost || after === null) throw error;
      throw new FeedCursorLost(
        "The ERP no longer knows the place in its list that `after` names: begin anew without it.",
      );
    }
  }

  async #readChanges(place: DeltaPlace, limit: number): Promise<NextSkus> {
    const { head, at } = place;
    const changes = await this.#journal.changesBetween(at.after, head.sequence, limit + 1);
    // Behind them: what was forgotten while they were read would be left out without a word.
    if (!(await this.#journal.reaches({ epoch: head.epoch, sequence: at.after }))) throw cursorLost("`after`");
    const told = changes.slice(0, limit);
    return {
      skus: told.map(({ sku }) => sku),
      placeAfter: (count) => ({ ...place, at: { since: at.since, after: told[count - 1]?.sequence ?? at.after } }),
      hasMoreAfter: (count) => count < changes.length,
    };
  }
}

type FullPlace = Extract<RunPlace, { kind: "full" }>;
type DeltaPlace = Extract<RunPlace, { kind: "delta" }>;

function sameRun(place: RunPlace, since: JournalPosition | null): RunPlace {
  // The epoch may be another one since a page whose items could not be written down; the journal judges `after` by its own.
  const isSame = since === null || (place.kind === "delta" && place.at.since === since.sequence);
  if (isSame) return place;
  throw new FeedCursorLost(
    "`after` is of another run than `changedSince`: give both of one run, or leave `after` out to begin.",
  );
}

function nothing(place: RunPlace): NextSkus {
  return { skus: [], placeAfter: () => place, hasMoreAfter: () => false };
}

/**
 * What follows the newest mark that is still there. Where none is: what follows the newest one in the order of characters, if the list
 * has that order, else all of it: told twice is better than never.
 */
function behind(past: readonly string[], skus: readonly string[]): readonly string[] {
  const [last] = past;
  if (last === undefined) return skus;
  const newest = past.find((sku) => skus.includes(sku));
  if (newest !== undefined) return skus.slice(skus.indexOf(newest) + 1);
  const isInOrder = skus.every((sku, index) => index === 0 || (skus[index - 1] ?? "") < sku);
  return isInOrder ? skus.filter((sku) => sku > last) : skus;
}

interface Listed {
  readonly after: string | null;
  readonly past: readonly string[];
  readonly next: string | null;
  readonly skus: readonly string[];
}

function listed({ kind, head }: FullPlace, { after, past, next, skus }: Listed): NextSkus {
  return {
    skus,
    placeAfter(count) {
      if (count >= skus.length) return { kind, head, at: { after: next, past: [], isEnd: next === null } };
      const told = [...skus.slice(Math.max(count - marks, 0), count).reverse(), ...past].slice(0, marks);
      return { kind, head, at: { after, past: told, isEnd: false } };
    },
    hasMoreAfter: (count) => count < skus.length || next !== null,
  };
}
