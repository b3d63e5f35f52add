import { createPriceKey, type PriceKey } from "../pricing/keys.js";
import { answersQuantity, type Ladder } from "../pricing/ladder.js";
import { type Ask, type Outcome, readDistinct, type Source } from "../pricing/source.js";

/**
 * Lets one ladder answer every quantity. An ERP says only with its answer whether it told the whole ladder, so the first
 * quantity of an SKU is asked and the others wait for it; where it told one quantity alone, the others are asked after it,
 * and from then on each quantity is a question of its own until a whole ladder is seen again.
 */
export class LadderSource implements Source<PriceKey, Ladder> {
  readonly #inner: Source<PriceKey, Ladder>;
  #expectsWholeLadders = true;

  constructor(inner: Source<PriceKey, Ladder>) {
    this.#inner = inner;
  }

  async readMany(keys: readonly PriceKey[], ask: Ask): Promise<Outcome<Ladder>[]> {
    const exactQuantity = !this.#expectsWholeLadders;
    const outcomes = await this.#read(keys, exactQuantity, ask);
    const unanswered = keys.flatMap((key, index) => (isForOtherQuantity(outcomes[index], key) ? [{ key, index }] : []));
    if (unanswered.length === 0) return outcomes;
    const read = await this.#read(
      unanswered.map(({ key }) => key),
      true,
      ask,
    );
    for (const [position, { index }] of unanswered.entries()) outcomes[index] = read[position] as Outcome<Ladder>;
    return outcomes;
  }

  async #read(keys: readonly PriceKey[], exactQuantity: boolean, ask: Ask): Promise<Outcome<Ladder>[]> {
    const outcomes = await readDistinct(
      this.#inner,
      keys.map((key) => createPriceKey({ ...key, exactQuantity })),
      ask,
    );
    for (const outcome of outcomes) {
      if (outcome.kind === "found") this.#expectsWholeLadders = outcome.answer.onlyQuantity === null;
    }
    return outcomes;
  }
}

function isForOtherQuantity(outcome: Outcome<Ladder> | undefined, key: PriceKey): boolean {
  return outcome?.kind === "found" && !answersQuantity(outcome.answer, key.quantity);
}
