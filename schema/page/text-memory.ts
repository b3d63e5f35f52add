/** Texts that are remembered of each generation, at least: pages of the same products are asked again and again. */
const perGeneration = 20_000;

/**
 * Remembers what was written of an answer, as long as the answer itself is kept and for a bounded number of answers: two
 * generations, of which the older one is forgotten when the younger is full.
 */
export class TextMemory<Terms, Text> {
  #young = new WeakMap<object, { terms: Terms; text: Text }>();
  #old = new WeakMap<object, { terms: Terms; text: Text }>();
  #youngSize = 0;
  readonly #isSame: (one: Terms, other: Terms) => boolean;

  constructor(isSame: (one: Terms, other: Terms) => boolean) {
    this.#isSame = isSame;
  }

  /** The text of this answer under these terms; made by `write` where it is not remembered. */
  of(answer: object, terms: Terms, write: () => Text): Text {
    const known = this.#young.get(answer);
    if (known !== undefined && this.#isSame(known.terms, terms)) return known.text;
    const older = known === undefined ? this.#old.get(answer) : undefined;
    const text = older !== undefined && this.#isSame(older.terms, terms) ? older.text : write();
    if (known === undefined && ++this.#youngSize > perGeneration) this.#turn();
    this.#young.set(answer, { terms, text });
    return text;
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new WeakMap();
    this.#youngSize = 1;
  }
}
