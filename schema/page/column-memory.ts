import type { PagePlan } from "./page-plan.js";

/** What all that is remembered may weigh. */
const mostWeight = 8 * 1024 * 1024;
/** What columns weigh besides their terms, which they hold several times: bytes, estimated from above. */
const weightOfColumns = 2_000;
const copiesOfTerms = 4;

/** What one plan asked before. */
interface Known<Columns> {
  /** By all that columns hang on where no variable is among their arguments. */
  readonly byAsker: Map<string, Columns>;
  /** By their terms. */
  readonly byTerms: Map<string, Columns>;
}

/**
 * Remembers the ways in which pages were asked, so that each is one object. By variables, such as quantities and warehouses, there is no end of
 * them, nor of documents: where they weigh too much all of them are forgotten, and what was written by them is written anew.
 */
export class ColumnMemory<Columns extends { readonly terms: string }> {
  #known = new WeakMap<PagePlan, Known<Columns>>();
  #weight = 0;

  /** Null where it is not remembered. */
  ofAsker(plan: PagePlan, asker: string): Columns | null {
    return this.#known.get(plan)?.byAsker.get(asker) ?? null;
  }

  /**
   * The columns of the same terms that were made before, else these.
   * @param asker who is always shown the same; null where a variable decides too
   */
  settle(plan: PagePlan, asker: string | null, made: Columns): Columns {
    const { byAsker, byTerms } = this.#of(plan);
    const columns = byTerms.get(made.terms) ?? made;
    if (columns === made) {
      byTerms.set(made.terms, made);
      this.#weight += weightOfColumns + copiesOfTerms * made.terms.length;
    }
    if (asker !== null) byAsker.set(asker, columns);
    if (this.#weight > mostWeight) {
      this.#known = new WeakMap();
      this.#weight = 0;
    }
    return columns;
  }

  #of(plan: PagePlan): Known<Columns> {
    const before = this.#known.get(plan);
    if (before !== undefined) return before;
    const known: Known<Columns> = { byAsker: new Map(), byTerms: new Map() };
    this.#known.set(plan, known);
    return known;
  }
}
