/** What was seen of an answer. */
export interface NotedAnswer {
  /** Of what it says. */
  readonly digest: number;
  /** The ERP was asked for it at this instant, by our clock, in ms since the epoch; 0 where nobody knows. */
  readonly askedAt: number;
}

/** What was seen of an SKU since it was last written down; null each where nothing was. */
export interface NotedSku {
  readonly sku: string;
  /** It counts as changed, whatever was seen. */
  readonly isTouched: boolean;
  readonly price: NotedAnswer | null;
  readonly stock: NotedAnswer | null;
}

export interface NotedBatch {
  readonly skus: readonly NotedSku[];
  /** All that are known count as changed, before what is noted here. */
  readonly isAllTouched: boolean;
  /** Something that was seen cannot be written down any more: no place of before can be gone on from. */
  readonly isIncomplete: boolean;
}

/** How the record stands. */
export interface RecordState {
  /** Places of one life say nothing in another: what it knew may be lost since, or older. */
  readonly life: string;
  /** Of the newest change. */
  readonly sequence: number;
  /** Of the newest change that was forgotten. */
  readonly horizon: number;
  readonly size: number;
  /** All count as changed and not all are named so yet: to be asked again, until they are. */
  readonly isPending: boolean;
}

/** Which SKUs changed, as all replicas together saw it. Everything is asked of a store that may be away. */
export interface ChangeRecord {
  readonly isUp: boolean;
  /** @throws {Error} where it was not written down, or nobody knows; to be written once more */
  note(batch: NotedBatch): Promise<RecordState>;
  /** @throws {Error} where it cannot be read, or could not be written to */
  state(): Promise<RecordState>;
  /** @returns changes after `after` and up to `until`, both sequences, in their order; at most `limit`. @throws as {@link state} */
  changesBetween(
    after: number,
    until: number,
    limit: number,
  ): Promise<readonly { readonly sku: string; readonly sequence: number }[]>;
}

/** What is kept of one SKU beside its changes, as text. */
export interface KeptText {
  readonly sku: string;
  readonly text: string;
}

/** What is kept already, where something else was expected. */
export interface OtherText {
  /** To be given as what is expected now. */
  readonly token: string;
  /** Null where it is none of ours. */
  readonly text: string | null;
}

export interface RecalledTexts {
  readonly life: string;
  /** Where to go on from. */
  readonly place: number;
  readonly texts: readonly KeptText[];
  readonly hasMore: boolean;
}

/** Texts of SKUs that replicas share; each hears of what others wrote by asking for what was written after a place. */
export interface TextRecord {
  readonly isUp: boolean;
  /** @param place 0 for all. @throws {Error} where it cannot be read */
  recall(life: string, place: number): Promise<RecalledTexts>;
  /**
   * Writes each that stands as is expected.
   * @returns one an SKU: null where it was written. @throws {Error} where nothing was written, or nobody knows
   */
  swap(texts: readonly (KeptText & { readonly expected: string | null })[]): Promise<readonly (OtherText | null)[]>;
}
