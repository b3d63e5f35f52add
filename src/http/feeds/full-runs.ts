import { isShrunk } from "../../feed/is-shrunk.js";

/** How much was for sale in the latest full run that was told to its end, whoever asked for it, since this process began. */
export class FullRuns {
  #forSale: number | null = null;

  /** @returns how much there was before, where less than half of it is left; else null */
  noteWhole(forSale: number): number | null {
    const before = this.#forSale;
    this.#forSale = forSale;
    return before !== null && isShrunk(forSale, before) ? before : null;
  }
}
