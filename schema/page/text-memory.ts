/** Characters that one generation of texts may have, about a byte each: some 40,000 answers of a usual page. */
const charsPerGeneration = 16 * 1024 * 1024;
/** Ways in which one answer is written at a time: a list, a product's own page, the basket. */
const mostTexts = 4;

/** One way to write an answer, and what came of it. */
interface Written {
  /** Who wrote it: no two writers write alike. */
  readonly writer: object;
  /** Everything about the answer but its age: for which quantity or warehouses, and what the shop may see of it. */
  readonly terms: string;
  readonly texts: readonly string[];
}

/**
 * Remembers what was written of answers, no longer than the answers themselves are kept, and within a bound on all texts
 * together: anybody may send any number of documents. Two generations, of which the older is forgotten when the younger is full.
 */
export class TextMemory {
  #young = new WeakMap<object, Written[]>();
  #old = new WeakMap<object, Written[]>();
  #youngChars = 0;

  /** The texts of this answer; made by `write` where they are not remembered. */
  of(answer: object, writer: object, terms: string, write: () => readonly string[]): readonly string[] {
    const isIt = (written: Written) => written.writer === writer && written.terms === terms;
    const known = this.#young.get(answer)?.find(isIt);
    if (known !== undefined) return known.texts;
    const written = this.#old.get(answer)?.find(isIt) ?? { writer, terms, texts: write() };
    this.#remember(answer, written);
    return written.texts;
  }

  #remember(answer: object, written: Written): void {
    const chars = written.texts.reduce((sum, { length }) => sum + length, 0);
    if (this.#youngChars + chars > charsPerGeneration) {
      this.#old = this.#young;
      this.#young = new WeakMap();
      this.#youngChars = 0;
    }
    // What is dropped for more than `mostTexts`, or with its answer, goes on counting: the bound is kept all the sooner.
    this.#youngChars += chars;
    this.#young.set(answer, [written, ...(this.#young.get(answer) ?? []).slice(0, mostTexts - 1)]);
  }
}
