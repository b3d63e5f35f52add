import type { GraphQLObjectType, SelectionSetNode } from "graphql";
import type { Freshness } from "../../src/pricing/source.js";
import { type FreshnessType, toFreshness } from "../freshness.type.js";
import { compileWriter, type Fragments, plainFields, type Write } from "./selection-writer.js";
import { TextMemory } from "./text-memory.js";

/** Everything about an answer but its age: what the shop may see of it, and for which quantity or warehouses. */
export interface AnswerTerms {
  readonly subject: string;
  readonly isShownInFull: boolean;
}

const isSame = (one: AnswerTerms, other: AnswerTerms) =>
  one.subject === other.subject && one.isShownInFull === other.isShownInFull;

/** Between the texts of an answer, where its freshness goes: no JSON text holds this character as it is. */
const gap = "\u0000";

/**
 * Writes what one selection takes of a price or a stock. All but the freshness is written once for each answer that the cache
 * keeps, and remembered with it: amounts on the other side of the tax, sums over warehouses and the JSON itself.
 */
export class AnswerWriter {
  readonly #write: Write;
  readonly #freshness: readonly Write[];
  readonly #texts = new TextMemory<AnswerTerms>(isSame);

  /** @throws {NotPlain} */
  constructor(type: GraphQLObjectType, sets: readonly (SelectionSetNode | undefined)[], fragments: Fragments) {
    const freshness = type.getFields()["freshness"]?.type;
    const ofType = (freshness as { ofType?: GraphQLObjectType } | undefined)?.ofType;
    const fields = plainFields(type, sets, fragments);
    this.#write = compileWriter(type, sets, fragments, (name) => (name === "freshness" ? () => gap : null));
    this.#freshness = fields.flatMap(({ name, nodes }) =>
      name === "freshness" && ofType !== undefined
        ? [
            compileWriter(
              ofType,
              nodes.map(({ selectionSet }) => selectionSet),
              fragments,
            ),
          ]
        : [],
    );
  }

  /** @param toValue makes the object that graphql-js would read. @param now ms since the epoch */
  write(answer: object, terms: AnswerTerms, toValue: () => object, freshness: Freshness, now: number): string {
    const text = this.#texts.of(answer, terms, () => this.#write(toValue()));
    return this.#freshness.length === 0 ? text : this.#fill(text, toFreshness(freshness, now));
  }

  #fill(text: string, freshness: FreshnessType): string {
    const [first = "", ...rest] = text.split(gap);
    return rest.reduce((filled, part, index) => filled + (this.#freshness[index]?.(freshness) ?? "") + part, first);
  }
}
