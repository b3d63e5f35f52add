import { LRUCache } from "lru-cache";
import { createPriceKey, type PriceKey } from "../pricing/keys.js";
import { answersQuantity, type Ladder } from "../pricing/ladder.js";
import {
  type Ask,
  type Found,
  type FreshAsk,
  type Lane,
  type Outcome,
  type PromptSource,
  readDistinct,
  type Told,
} from "../pricing/source.js";

/** SKUs (of one scope and currency) that are remembered to have no ladder; a forgotten one costs a round trip. */
const rememberedSingles = 100_000;

/**
 * Lets one ladder answer every quantity. An ERP says only with its answer whether it told the whole ladder, so one quantity
 * of an SKU is asked and the others wait for it. Where it told that quantity alone, the others are asked after it, and from
 * then on each is a question of its own, until a whole ladder is seen again.
 */
export class LadderSource implements PromptSource<PriceKey, Ladder> {
  readonly #inner: PromptSource<PriceKey, Ladder>;
  /** By the id of the ladder that was expected: the one quantity told in its place, which is kept under that id. */
  readonly #singles = new LRUCache<string, string>({ max: rememberedSingles });

  constructor(inner: PromptSource<PriceKey, Ladder>) {
    this.#inner = inner;
  }

  async readMany(keys: readonly PriceKey[], ask: Ask): Promise<Outcome<Ladder>[]> {
    const outcomes = await this.#read(
      keys.map((key) => this.#asLadderOrSingle(key)),
      ask,
    );
    const unanswered = keys.flatMap((key, index) =>
      isForOtherQuantity(outcomes[index], key) ? [{ key: asSingle(key), index }] : [],
    );
    if (unanswered.length === 0) return outcomes;
    const read = await this.#read(
      unanswered.map(({ key }) => key),
      ask,
    );
    for (const [position, { index }] of unanswered.entries()) outcomes[index] = read[position] as Outcome<Ladder>;
    return outcomes;
  }

  allFresh(keys: readonly PriceKey[], ask: FreshAsk): readonly Told<Ladder>[] | null {
    const told = this.#inner.allFresh(
      this.#singles.size === 0 ? keys.map(asLadder) : keys.map((key) => this.#asLadderOrSingle(key)),
      ask,
    );
    const isForAnother = (outcome: Told<Ladder>, index: number) => isForOtherQuantity(outcome, keys[index] as PriceKey);
    return told?.some(isForAnother) ? null : told;
  }

  noteServed(found: number, unknown: number, lane: Lane): void {
    this.#inner.noteServed(found, unknown, lane);
  }

  lastKnown(key: PriceKey): Found<Ladder> | null {
    const ladder = this.#inner.lastKnown(asLadder(key));
    return isForOtherQuantity(ladder ?? undefined, key) || ladder === null
      ? this.#inner.lastKnown(asSingle(key))
      : ladder;
  }

  #asLadderOrSingle(key: PriceKey): PriceKey {
    const ladder = asLadder(key);
    const told = this.#singles.get(ladder.id);
    return told === undefined || told === key.quantity ? ladder : asSingle(key);
  }

  async #read(keys: readonly PriceKey[], ask: Ask): Promise<Outcome<Ladder>[]> {
    const outcomes = await readDistinct(this.#inner, keys, ask);
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === "found") this.#learn(keys[index] as PriceKey, outcome.answer);
    }
    return outcomes;
  }

  #learn(key: PriceKey, { onlyQuantity }: Ladder): void {
    const { id } = asLadder(key);
    if (onlyQuantity === null) this.#singles.delete(id);
    else if (!key.exactQuantity) this.#singles.set(id, onlyQuantity);
  }
}

function asLadder(key: PriceKey): PriceKey {
  if (!key.exactQuantity) return key;
  return createPriceKey({ ...key, exactQuantity: false });
}

function asSingle(key: PriceKey): PriceKey {
  return createPriceKey({ ...key, exactQuantity: true });
}

function isForOtherQuantity(outcome: Outcome<Ladder> | undefined, key: PriceKey): boolean {
  return outcome?.kind === "found" && !answersQuantity(outcome.answer, key.quantity);
}
