import type { Invalidation, Reach } from "./invalidation.js";

/** What a replica has to do with the ERP's changes at present. Cursors are the ERP's; null where none is known. */
export type ChangeTurn =
  /** Nobody can tell it: it asks for itself. */
  | { readonly kind: "alone" }
  /** It asks for all, from where all have got to. */
  | { readonly kind: "leads"; readonly cursor: string | null }
  /** Another one asks: what changed up to the cursor was told to all, and heard of here. */
  | { readonly kind: "follows"; readonly cursor: string | null };

/** An invalidation, with what the records say of it that are kept here. */
export interface ToldChange {
  readonly invalidation: Invalidation;
  readonly reach: Reach;
}

/** Who of several replicas asks the ERP what changed, and how the others hear of it. */
export interface ChangeShare {
  turn(): ChangeTurn;
  /** Has it told whenever {@link turn} is another one. */
  onTurn(listener: () => void): void;
  /**
   * Has every other replica forget what this one has forgotten already, then notes how far all have got.
   * @throws where that could not be told, or noted: it is to be asked for and told again
   */
  tell(changes: readonly ToldChange[], cursor: string): Promise<void>;
  /** Lets another one ask for so long, in ms: the ERP cannot be asked from here. */
  pass(ms: number): void;
}
