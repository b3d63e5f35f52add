import type { ChangeTurn } from "../pricing/change-share.js";

/** From where the ERP's changes are asked for, and for whom. */
export interface Leg {
  readonly since: string | null;
  /** catch-up: for itself, up to what others are told. lead: for all. */
  readonly kind: "alone" | "catch-up" | "lead";
}

/**
 * How far this replica has followed the ERP's changes, and what it has to ask so that none is missed, be it told by others or alone.
 * Cursors have no order. So one that begins with a cursor of its own, as a journal keeps it, catches up from there before it goes by that of
 * all. Once it has, what is told to all is all there is for it: where it may have missed some of that, everything is forgotten.
 */
export class FollowPlan {
  /** All that changed up to here is forgotten here; null where nothing is known, and nothing kept from before. */
  #own: string | null;
  /** Whether what the others are told is all that is missing here. */
  #isCaughtUp = false;
  /** Its own cursor was lost: what it missed is told by nobody, so it reads the newest one, by which everything is forgotten. */
  #hasLostOwn = false;
  /** Of all; the ERP no longer knows it. */
  #lost: string | null = null;
  readonly #onFollowed: (cursor: string) => void;

  constructor(own: string | null, onFollowed: (cursor: string) => void) {
    this.#own = own;
    this.#onFollowed = onFollowed;
  }

  /** @returns what to ask now; null for nothing */
  next(turn: ChangeTurn): Leg | null {
    if (turn.kind === "alone") return { since: this.#own, kind: "alone" };
    this.#adopt(turn);
    if (!this.#isCaughtUp && (this.#own !== null || this.#hasLostOwn)) return { since: this.#own, kind: "catch-up" };
    if (turn.kind === "follows") return null;
    // Not from its own where that of all is known: it may have got further alone.
    const since = turn.cursor ?? this.#own;
    return { since: since === this.#lost ? null : since, kind: "lead" };
  }

  /** What a leg brought is forgotten, and told to all where it was for all. @param more as the ERP's page says */
  done({ kind }: Leg, next: string, more: boolean): void {
    if (kind === "lead") this.#lost = null;
    if (kind === "lead" || (kind === "catch-up" && !more)) this.#isCaughtUp = true;
    this.#hasLostOwn = false;
    this.#goTo(next);
  }

  /** The ERP does not know a leg's cursor. */
  lose({ since, kind }: Leg): void {
    this.#own = null;
    if (kind === "lead") this.#lost = since;
    else {
      this.#hasLostOwn = true;
      this.#isCaughtUp = false;
    }
  }

  #adopt({ kind, cursor }: Exclude<ChangeTurn, { kind: "alone" }>): void {
    if (cursor === null || cursor === this.#lost || this.#hasLostOwn) return;
    if (this.#own === null || this.#own === cursor) this.#isCaughtUp = true;
    if (this.#isCaughtUp && kind === "follows" && cursor !== this.#own) this.#goTo(cursor);
  }

  #goTo(cursor: string): void {
    this.#own = cursor;
    this.#onFollowed(cursor);
  }
}
