import type { Clock } from "../../src/clock.js";
import type { Ask, Found, Key, Outcome, PromptSource } from "../../src/pricing/source.js";
import { askedOf, type History, type Kind, type Observer, type QuestionRecord, theOnly } from "./history.js";

/** Writes down what a source is asked and what it says, and changes neither. What memory alone can answer it lets it answer, as pages do. */
export class RecordingSource<K extends Key, Answer> implements PromptSource<K, Answer> {
  readonly #inner: PromptSource<K, Answer>;
  readonly #kind: Kind;
  readonly #history: History;
  readonly #clock: Clock;
  readonly #observer: Observer;

  constructor(
    inner: PromptSource<K, Answer>,
    kind: Kind,
    history: History,
    clock: Clock,
    observer: Observer = theOnly,
  ) {
    this.#inner = inner;
    this.#kind = kind;
    this.#history = history;
    this.#clock = clock;
    this.#observer = observer;
  }

  lastKnown(key: K): Found<Answer> | null {
    return this.#inner.lastKnown(key);
  }

  noteServed(): void {}

  allFresh(): null {
    return null;
  }

  async readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    const place = this.#history.nextPlace();
    const { replica, toTrue, latestTrue } = this.#observer;
    const at = toTrue(this.#clock.now());
    const { lane, maxAgeMs } = ask;
    const deadline = toTrue(ask.deadline);
    const isAlone = keys.length === 1;
    const records = keys.map((key): QuestionRecord => {
      const asked = askedOf(this.#kind, key);
      return {
        replica,
        place,
        at,
        asked,
        lane,
        deadline,
        maxAgeMs,
        isAlone,
        outcome: null,
        endedAt: null,
        latestOf: null,
      };
    });
    this.#history.questions.push(...records);
    const outcomes = this.#inner.allFresh(keys, ask) ?? (await this.#inner.readMany(keys, ask));
    this.#history.settled++;
    for (const [index, record] of records.entries()) {
      const outcome = outcomes[index];
      record.outcome = this.#seen(outcome);
      if (outcome !== undefined && outcome.kind !== "failed")
        record.latestOf = latestTrue(outcome.freshness.computedAt);
      record.endedAt = toTrue(this.#clock.now());
    }
    return [...outcomes];
  }

  #seen(outcome: Outcome<Answer> | undefined): Outcome<Answer> | null {
    if (outcome === undefined || outcome.kind === "failed") return outcome ?? null;
    const computedAt = this.#observer.toTrue(outcome.freshness.computedAt);
    return { ...outcome, freshness: { ...outcome.freshness, computedAt } };
  }
}
