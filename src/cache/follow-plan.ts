import type { ChangeTurn } from "../pricing/change-share.js";

/** From where the ERP's changes are asked for, and for whom. */
export interface Leg {
  readonly since: string | null;
  /** catch-up: for itself, up to what others are told. lead: for all. */
  readonly kind: "alone" | "catch-up" | "lead";
  /** Of which time of being told by others; another one has begun where it is not the present one. */
  readonly period: number;
}

/**
 * How far this replica has followed the ERP's changes, and what it has to ask so that none is missed, be it told by others or alone.
 * Cursors have no order. So one that was alone catches up from its own before it goes by that of all.
 */
export class FollowPlan {
  /** All that changed up to here is forgotten here; null where nothing is known, and nothing kept from before. */
  #own: string | null;
  /** Whether what the others are told is all that is missing here. */
  #isCaughtUp = false;
  #period = 0;
  /** Of all; the ERP no longer knows it. */
  #lost: string | null = null;
  readonly #onFollowed: (cursor: string) => void;

  constructor(own: string | null, onFollowed: (cursor: string) => void) {
    this.#own = own;
    this.#onFollowed = onFollowed;
  }

  /** To be told of each turn as it comes: a time alone must not go by unnoticed. */
  heed(turn: ChangeTurn): void {
    if (turn.kind === "alone") {
      this.#isCaughtUp = false;
      this.#period++;
    } else if (!this.#isCaughtUp && (this.#own === null || this.#own === turn.cursor)) this.#adopt(turn.cursor);
    else if (turn.kind === "follows" && this.#isCaughtUp) this.#adopt(turn.cursor);
  }

  /** @returns what to ask now; null for nothing */
  next(turn: ChangeTurn): Leg | null {
    this.heed(turn);
    const period = this.#period;
    if (turn.kind === "alone") return { since: this.#own, kind: "alone", period };
    if (!this.#isCaughtUp && this.#own !== null) return { since: this.#own, kind: "catch-up", period };
    if (turn.kind === "follows") return null;
    const since = turn.cursor ?? this.#own;
    return { since: since === this.#lost ? null : since, kind: "lead", period };
  }

  /** What a leg brought is forgotten, and told to all where it was for all. @param more as the ERP's page says */
  done({ kind, period }: Leg, next: string, more: boolean): void {
    if (kind === "lead") this.#lost = null;
    this.#own = next;
    this.#onFollowed(next);
    if (kind === "lead" || (kind === "catch-up" && !more)) this.#isCaughtUp = period === this.#period;
  }

  /** The ERP does not know a leg's cursor. @returns whether all that is kept here is to be forgotten now, since nobody will ask what it missed */
  lose({ since, kind }: Leg): boolean {
    if (kind === "lead") this.#lost = since;
    this.#own = null;
    return kind === "catch-up";
  }

  #adopt(cursor: string | null): void {
    if (cursor === null || cursor === this.#lost) return;
    this.#isCaughtUp = true;
    if (cursor === this.#own) return;
    this.#own = cursor;
    this.#onFollowed(cursor);
  }
}
