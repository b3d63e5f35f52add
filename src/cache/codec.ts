import type { KeyNames } from "../pricing/invalidation.js";
import type { Key } from "../pricing/source.js";

/** What can be written as JSON and comes back the same. */
export type Json = null | boolean | number | string | readonly Json[];

/** Gives the next one of the values that are an answer's own, in the order in which they were told. */
export type NextOwn = () => string | null;

/** An answer in two: parts that many answers have in common, each kept once for all of them, and values of its own. */
export interface Split {
  readonly shared: readonly Json[];
  /** Decimals take little room, other texts as much as they are long. */
  readonly own: readonly (string | null)[];
}

/**
 * How answers of one kind, and their keys, are kept in little room: `join` makes what `split` was given, equal in every character.
 * The names that a key is found by are kept anyway, and given to both.
 */
export interface Codec<K, Answer> {
  splitKey(key: K): Split;
  joinKey(shared: readonly Json[], own: NextOwn, names: KeyNames): K;
  /** Whether the key that `joinKey` would make has this id. */
  hasId(id: string, shared: readonly Json[], own: NextOwn, names: KeyNames): boolean;
  splitAnswer(answer: Answer, names: KeyNames): Split;
  joinAnswer(shared: readonly Json[], own: NextOwn, names: KeyNames): Answer;
}

/** For what is plain data, of any kind: every answer is its own JSON. */
export function createPlainCodec<K extends Key, Answer>(): Codec<K, Answer> {
  const split = (value: unknown): Split => ({ shared: [], own: [JSON.stringify(value)] });
  const join = (own: NextOwn) => JSON.parse(own() as string);
  return {
    splitKey: split,
    joinKey: (_shared, own) => join(own) as K,
    hasId: (id, _shared, own) => (join(own) as K).id === id,
    splitAnswer: split,
    joinAnswer: (_shared, own) => join(own) as Answer,
  };
}
