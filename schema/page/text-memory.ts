import { Generations } from "./generations.js";

/** Characters that one generation of texts may have, about a byte each: some 20,000 answers of a usual page. */
const charsPerGeneration = 8 * 1024 * 1024;

/** One way to write an answer, and what came of it. */
interface Written {
  /** Who wrote it: no two writers write alike. */
  readonly writer: object;
  /** Everything about the answer but its age: for which quantity or warehouses, and what the shop may see of it. */
  readonly terms: string;
  readonly texts: readonly string[];
}

/** Remembers what was written of answers. */
export class TextMemory {
  readonly #written = new Generations<Written>(charsPerGeneration, ({ texts }) =>
    texts.reduce((sum, { length }) => sum + length, 0),
  );

  /** The texts of this answer; made by `write` where they are not remembered. */
  of(answer: object, writer: object, terms: string, write: () => readonly string[]): readonly string[] {
    for (const written of this.#written.listOf(answer)) {
      if (written.writer === writer && written.terms === terms) return written.texts;
    }
    const texts = write();
    this.#written.add(answer, { writer, terms, texts });
    return texts;
  }
}
