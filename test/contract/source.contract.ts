import { describe, expect, test } from "vitest";
import { GatewayError } from "../../src/errors.js";
import type { Key, Outcome } from "../../src/pricing/source.js";

/** A source under test. Whoever runs the contract makes a fresh one for each promise. */
export interface SourceUnderTest<K extends Key, Answer> {
  /** Asks it the way its own callers do. At most as many keys as one call may carry. */
  read(keys: readonly K[]): Promise<Outcome<Answer>[]>;
  /** From now on nothing behind it answers. */
  breakDown(): void | Promise<void>;
  /** What was asked of what stands behind it so far, one text a question, doubles kept; absent where nobody can tell. */
  askedBehind?(): readonly string[];
  /** Its clock, in ms since the epoch. */
  now(): number;
  stop?(): void | Promise<void>;
}

export interface SourceContract<K extends Key, Answer> {
  /** Such as "the port's prices". */
  readonly name: string;
  create(): Promise<SourceUnderTest<K, Answer>>;
  /** At least three keys that are known, no two alike; made anew at each call. */
  knownKeys(): readonly [K, K, K, ...K[]];
  unknownKey(): K;
  /** Whether the answer is the one to this very key. */
  isFor(answer: Answer, key: K): boolean;
}

/** What every source promises, be it a connector's or a layer's. */
export function promisesOfSource<K extends Key, Answer>(contract: SourceContract<K, Answer>): void {
  const { name, create, knownKeys, unknownKey, isFor } = contract;

  async function using(use: (source: SourceUnderTest<K, Answer>) => Promise<void>): Promise<void> {
    const source = await create();
    try {
      await use(source);
    } finally {
      await source.stop?.();
    }
  }

  function expectAnswers(keys: readonly K[], outcomes: readonly Outcome<Answer>[]): void {
    expect(outcomes).toHaveLength(keys.length);
    for (const [index, key] of keys.entries()) {
      const outcome = outcomes[index];
      expect(outcome?.kind).toBe("found");
      if (outcome?.kind === "found") expect(isFor(outcome.answer, key)).toBe(true);
    }
  }

  describe(`${name}: what every source promises`, () => {
    test("one outcome a key, in the order of the keys, whatever that order is", () =>
      using(async ({ read }) => {
        const keys = knownKeys();
        expectAnswers(keys, await read(keys));
        const backwards = [...knownKeys()].reverse();
        expectAnswers(backwards, await read(backwards));
      }));

    test("the answer to one key asked alone is the answer to it among others", () =>
      using(async ({ read }) => {
        const [first] = knownKeys();
        const alone = await read([first]);
        const among = await read([...knownKeys()].reverse());
        expect(saidBy(among.at(-1))).toEqual(saidBy(alone[0]));
      }));

    test("an unknown key is an answer of its own, and spoils no neighbour", () =>
      using(async ({ read }) => {
        const [first, second, third] = knownKeys();
        const outcomes = await read([first, unknownKey(), second, third]);
        expect(outcomes[1]?.kind).toBe("unknown");
        expectAnswers([first, second, third], [outcomes[0], outcomes[2], outcomes[3]] as Outcome<Answer>[]);
      }));

    test("each key is asked once", ({ skip }) =>
      using(async ({ read, askedBehind }) => {
        if (askedBehind === undefined) return skip("this source does not tell what it was asked");
        await read(knownKeys());
        expect(new Set(askedBehind()).size).toBe(knownKeys().length);
        expect(askedBehind()).toHaveLength(knownKeys().length);
      }));

    test("answers tell when they were said, and are never from the future", () =>
      using(async ({ read, now }) => {
        const before = now();
        for (const outcome of await read([...knownKeys(), unknownKey()])) {
          if (outcome.kind === "failed") throw outcome.error;
          expect(outcome.freshness.computedAt).toBeGreaterThanOrEqual(before);
          expect(outcome.freshness.computedAt).toBeLessThanOrEqual(now());
          expect(outcome.freshness).toMatchObject({ source: "ERP", staleReason: null });
        }
      }));

    test("reads at one time do not mix: each has its own outcomes", () =>
      using(async ({ read }) => {
        const [first, second, third] = knownKeys();
        const reads = await Promise.all([read([first, second]), read([third, first]), read([second])]);
        expectAnswers([first, second], reads[0]);
        expectAnswers([third, first], reads[1]);
        expectAnswers([second], reads[2]);
      }));

    test("what one caller does to its keys and outcomes reaches no other caller", () =>
      using(async ({ read }) => {
        const keys = [...knownKeys()];
        const outcomes = await read(keys);
        keys.length = 0;
        outcomes.length = 0;
        expectAnswers(knownKeys(), await read(knownKeys()));
      }));

    test("keys and their parts are left as they were", () =>
      using(async ({ read }) => {
        const keys = Object.freeze(knownKeys().map((key) => Object.freeze(key)));
        expectAnswers(keys, await read(keys));
        expect(keys.map(({ id }) => id)).toEqual(knownKeys().map(({ id }) => id));
      }));

    test("with nothing behind it every key has its error, or the read as a whole; it is one that this product foresees", () =>
      using(async (source) => {
        await source.breakDown();
        for (const error of await errorsOf(source, knownKeys())) expect(error).toBeInstanceOf(GatewayError);
      }));
  });

  test(`${name}: the contract's own keys are different questions`, () => {
    const ids = [...knownKeys(), unknownKey()].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(knownKeys().map(({ id }) => id)).toEqual(knownKeys().map(({ id }) => id));
  });
}

async function errorsOf<K extends Key, Answer>(
  { read }: SourceUnderTest<K, Answer>,
  keys: readonly K[],
): Promise<unknown[]> {
  try {
    const outcomes = await read(keys);
    expect(outcomes).toHaveLength(keys.length);
    return outcomes.map((outcome) => (outcome.kind === "failed" ? outcome.error : outcome));
  } catch (error) {
    return [error];
  }
}

/** The outcome without its age. */
function saidBy<Answer>(outcome: Outcome<Answer> | undefined): unknown {
  if (outcome?.kind === "found") return outcome.answer;
  return outcome?.kind === "unknown" ? outcome.what : outcome?.error;
}
