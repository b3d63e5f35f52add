import type { Json } from "./codec.js";

/** What one part costs besides its text, in bytes: entries of a map and of lists, and what its text was parsed to. */
const bytesPerPart = 300;
const bytesPerCharacter = 6;
/** Most parts. What is shared by few would cost more here than with each of them. */
const mostParts = 65_536;
const leastParts = 1_024;
/** Parts that there may be for each answer that is kept. */
const partsPerAnswer = 1 / 16;

/** What many answers have in common, kept once for all of them and as long as one of them has it. Parts have numbers from 1. */
export class SharedParts {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [""];
  readonly #values: Json[] = [null];
  readonly #uses: number[] = [0];
  readonly #unused: number[] = [];
  #bytes = 0;

  /** An estimate, from above. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Counts one use more of this part.
   * @param text as JSON. @param answers how many are kept
   * @returns its number, or 0 where there are so many parts that it is better kept with its answer
   */
  use(text: string, answers: number): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) {
      this.#uses[known] = (this.#uses[known] as number) + 1;
      return known;
    }
    if (this.#numbers.size >= Math.min(mostParts, leastParts + answers * partsPerAnswer)) return 0;
    const number = this.#unused.pop() ?? this.#texts.length;
    this.#numbers.set(text, number);
    this.#texts[number] = text;
    this.#values[number] = JSON.parse(text) as Json;
    this.#uses[number] = 1;
    this.#bytes += costOf(text);
    return number;
  }

  valueOf(number: number): Json {
    return this.#values[number] as Json;
  }

  /** One use less; with its last one it is forgotten. */
  release(number: number): void {
    const uses = (this.#uses[number] as number) - 1;
    this.#uses[number] = uses;
    if (uses > 0) return;
    const text = this.#texts[number] as string;
    this.#numbers.delete(text);
    this.#texts[number] = "";
    this.#values[number] = null;
    this.#unused.push(number);
    this.#bytes -= costOf(text);
  }
}

function costOf(text: string): number {
  return bytesPerPart + bytesPerCharacter * text.length;
}
