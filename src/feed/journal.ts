import type { ChangeJournal } from "./change-journal.js";
import type { LowestNets, SeenPrice } from "./price-history.js";

/** A journal of changes as the gateway has it, and what it knows of prices of before. */
export interface Journal extends ChangeJournal {
  /** SKUs that are remembered. */
  readonly size: number;
  /** SKUs of which what it outlives the process in does not know the latest yet; 0 without. */
  readonly unsaved: number;
  /** The sequence of the newest change. */
  readonly newest: number;
  /** The sequence of the newest change that was forgotten: no cursor from before it is of use; 0 where none was. */
  readonly horizon: number;
  /** Where the ERP's changes were followed up to, by whoever told of them; null where they were not. */
  followedTo: string | null;
  /** Whether anything is remembered of this SKU. */
  knows(sku: string): boolean;
  /** A public price for one unit was seen. It is remembered with its SKU, once that was noted. */
  notePrice(sku: string, seen: SeenPrice): void;
  /** The lowest public prices of one unit, over 30 days; null each where they were not watched for as long. */
  lowestNetsOf(sku: string, currency: string): LowestNets;
  /** Writes down what was not yet, and lets go of what it is kept in. */
  close(): void | Promise<void>;
}
