import { type GraphQLObjectType, getNamedType, type SelectionSetNode } from "graphql";
import type { Freshness } from "../../src/pricing/source.js";
import { ageInSeconds } from "../freshness.type.js";
import { toDateTime } from "../scalars.js";
import { compileWriter, type Fragments, NotPlain, plainFields, type Write } from "./selection-writer.js";
import type { TextMemory } from "./text-memory.js";

/** Where the freshness goes in the text of an answer: no JSON text holds this character as it is. */
const gap = "\u0000";
/** Around the instant that an age is told from, where the age itself is left out. */
export const ageGap = "\u0000";

/** What is told of an answer and may change while it is kept: a text that is remembered with it would not. */
const changing: ReadonlySet<string> = new Set(["lowestNet30Days", "priorLowestNet30Days"]);

/**
 * Writes what one selection takes of a price or a stock. All but the freshness is written once for each answer that the cache
 * keeps, and remembered with it: amounts on the other side of the tax, sums over warehouses and the JSON itself.
 */
export class AnswerWriter {
  readonly #write: Write;
  readonly #freshness: readonly Write[];
  readonly #memory: TextMemory;

  /** @throws {NotPlain} */
  constructor(
    type: GraphQLObjectType,
    sets: readonly (SelectionSetNode | undefined)[],
    fragments: Fragments,
    memory: TextMemory,
  ) {
    this.#memory = memory;
    const field = type.getFields()["freshness"];
    if (field === undefined) throw new NotPlain(`the type ${type.name}`);
    const freshnessType = getNamedType(field.type) as GraphQLObjectType;
    this.#write = compileWriter(type, sets, fragments, (name) => {
      if (changing.has(name)) throw new NotPlain(`the field ${name}`);
      return name === "freshness" ? () => gap : null;
    });
    this.#freshness = plainFields(type, sets, fragments)
      .filter(({ name }) => name === "freshness")
      .map(({ nodes }) => nodes.map(({ selectionSet }) => selectionSet))
      .map((below) =>
        compileWriter(freshnessType, below, fragments, (name) => (name === "ageSeconds" ? writeAge : null)),
      );
  }

  /**
   * @param now ms since the epoch; null leaves gaps in the place of ages, the instant they are told from between two {@link ageGap}s
   * @param terms everything about the answer but its age: for which quantity or warehouses, and what the shop may see of it
   * @param toValue makes the object that graphql-js would read
   */
  write(answer: object, terms: string, toValue: () => object, freshness: Freshness, now: number | null): string {
    // Before, between and after the gaps.
    const texts = this.#memory.of(answer, this, terms, () => this.#write(toValue()).split(gap));
    let text = texts[0] as string;
    if (this.#freshness.length === 0) return text;
    const told = new ToldFreshness(freshness, now);
    for (const [index, write] of this.#freshness.entries()) text += write(told) + (texts[index + 1] as string);
    return text;
  }
}

function writeAge(age: unknown): string {
  return typeof age === "string" ? age : JSON.stringify(age);
}

/** As {@link toFreshness} tells it, but only what is asked: an instant as text costs more than the rest of an answer. */
class ToldFreshness {
  readonly #freshness: Freshness;
  readonly #now: number | null;

  constructor(freshness: Freshness, now: number | null) {
    this.#freshness = freshness;
    this.#now = now;
  }

  get source() {
    return this.#freshness.source;
  }

  get computedAt() {
    return toDateTime(this.#freshness.computedAt);
  }

  get ageSeconds() {
    const { computedAt } = this.#freshness;
    return this.#now === null ? `${ageGap}${computedAt}${ageGap}` : ageInSeconds(computedAt, this.#now);
  }

  get freshUntil() {
    return toDateTime(this.#freshness.freshUntil);
  }

  get staleReason() {
    return this.#freshness.staleReason;
  }
}
