import type { Clock } from "../../src/clock.js";
import type { Ask, Found, Key, Outcome, PromptSource } from "../../src/pricing/source.js";
import { askedOf, type History, type Kind, type QuestionRecord } from "./history.js";

/** Writes down what a source is asked and what it says, and changes neither. What memory alone can answer it lets it answer, as pages do. */
export class RecordingSource<K extends Key, Answer> implements PromptSource<K, Answer> {
  readonly #inner: PromptSource<K, Answer>;
  readonly #kind: Kind;
  readonly #history: History;
  readonly #clock: Clock;

  constructor(inner: PromptSource<K, Answer>, kind: Kind, history: History, clock: Clock) {
    this.#inner = inner;
    this.#kind = kind;
    this.#history = history;
    this.#clock = clock;
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
    const at = this.#clock.now();
    const { lane, deadline, maxAgeMs } = ask;
    const isAlone = keys.length === 1;
    const records = keys.map((key): QuestionRecord => {
      const asked = askedOf(this.#kind, key);
      return { place, at, asked, lane, deadline, maxAgeMs, isAlone, outcome: null, endedAt: null };
    });
    this.#history.questions.push(...records);
    const outcomes = this.#inner.allFresh(keys, ask) ?? (await this.#inner.readMany(keys, ask));
    this.#history.settled++;
    for (const [index, record] of records.entries()) {
      record.outcome = outcomes[index] ?? null;
      record.endedAt = this.#clock.now();
    }
    return [...outcomes];
  }
}
