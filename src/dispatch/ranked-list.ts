/** Where a member stands in a {@link RankedList}. */
export interface Place<Member> {
  readonly member: Member;
  readonly rank: number;
  before: Place<Member> | null;
  after: Place<Member> | null;
}

/**
 * Members by rank, lowest first, and among equals in the order of their coming. A linked list whose search for a place begins at
 * the one taken last: who comes now ranks near who came just before, so taking a place and leaving it cost the same however many
 * stand there.
 */
export class RankedList<Member> {
  #first: Place<Member> | null = null;
  #last: Place<Member> | null = null;
  #newest: Place<Member> | null = null;
  #length = 0;

  get first(): Place<Member> | null {
    return this.#first;
  }

  get last(): Place<Member> | null {
    return this.#last;
  }

  get length(): number {
    return this.#length;
  }

  add(member: Member, rank: number): Place<Member> {
    const before = this.#lastUpTo(rank);
    const after = before === null ? this.#first : before.after;
    const place: Place<Member> = { member, rank, before, after };
    this.#link(before, place);
    this.#link(place, after);
    this.#newest = place;
    this.#length++;
    return place;
  }

  /** @param place of this list, and not removed before */
  remove(place: Place<Member>): void {
    this.#link(place.before, place.after);
    if (this.#newest === place) this.#newest = place.before ?? place.after;
    this.#length--;
  }

  /** The last place whose rank is no higher. */
  #lastUpTo(rank: number): Place<Member> | null {
    let place = this.#newest;
    while (place !== null && place.rank > rank) place = place.before;
    if (place === null) return null;
    while (place.after !== null && place.after.rank <= rank) place = place.after;
    return place;
  }

  #link(before: Place<Member> | null, after: Place<Member> | null): void {
    if (before === null) this.#first = after;
    else before.after = after;
    if (after === null) this.#last = before;
    else after.before = before;
  }
}
