import { describe, expect, test } from "vitest";
import { type Loop, LoopTurns, oneTurn } from "../../src/pricing/turns.js";
import { settle } from "../support/virtual-clock.js";

/** A loop whose rounds are gone by hand, and whose time passes with the work that is done in it. */
class FakeLoop implements Loop {
  #now = 1_000;
  #next: (() => void) | null = null;

  now(): number {
    return this.#now;
  }

  onNextRound(run: () => void): void {
    expect(this.#next).toBeNull(); // one turn a round
    this.#next = run;
  }

  work(ms: number): void {
    this.#now += ms;
  }

  /** One round, in which others worked for so long. @returns whether anybody waited for it */
  async round(othersMs = 0.02): Promise<boolean> {
    const run = this.#next;
    this.#next = null;
    this.work(othersMs);
    run?.();
    await settle();
    return run !== null;
  }
}

function startWork(count: number, stepMs: number) {
  const loop = new FakeLoop();
  const turns = new LoopTurns(loop);
  const done: string[] = [];
  const each = (name: string) =>
    turns.each(count, (index) => {
      loop.work(stepMs);
      done.push(`${name}${index}`);
    });
  return { loop, turns, done, each };
}

describe("turns on a loop", () => {
  test("work is done in its order, half a millisecond a round and nothing at once, and told when it is whole", async () => {
    const { loop, done, each } = startWork(10, 0.125);
    let isWhole = false;
    void each("a").then(() => {
      isWhole = true;
    });
    expect(done).toEqual([]);
    const seen: number[] = [];
    while (await loop.round()) seen.push(done.length);
    expect(seen).toEqual([4, 8, 10]);
    expect(done).toEqual(Array.from({ length: 10 }, (_, index) => `a${index}`));
    expect(isWhole).toBe(true);
  });

  test("a step that takes longer than a turn is the only one of its turn", async () => {
    const { loop, done, each } = startWork(2, 5);
    const work = each("a");
    await loop.round();
    expect(done).toEqual(["a0"]);
    await loop.round();
    await work;
  });

  test("several works share a turn, and the one that came first ends first", async () => {
    const { loop, done, each } = startWork(2, 0.2);
    const works = Promise.all([each("a"), each("b")]);
    await loop.round();
    expect(done).toEqual(["a0", "a1", "b0"]);
    await loop.round();
    await works;
    expect(done).toEqual(["a0", "a1", "b0", "b1"]);
  });

  test("a turn of one's own comes ahead of the work that waits, and is shared with nobody", async () => {
    const { loop, turns, done, each } = startWork(1, 0.1);
    const works = [each("a"), turns.next().then(() => done.push("own")), turns.next().then(() => done.push("own"))];
    const seen: string[][] = [];
    while (await loop.round()) seen.push([...done]);
    expect(seen).toEqual([["own"], ["own", "own"], ["own", "own", "a0"]]);
    await Promise.all(works);
  });

  test("no turn comes in a round that was busy with others, until the longest pause is over: so the work ends", async () => {
    const { loop, done, each } = startWork(2, 5);
    const work = each("a");
    await loop.round(); // the first turn after a quiet time waits for nobody
    for (let busyMs = 0; busyMs < 9; busyMs += 3) {
      await loop.round(3);
      expect(done).toEqual(["a0"]);
    }
    await loop.round(3);
    expect(done).toEqual(["a0", "a1"]);
    await work;
  });

  test("once others are done the work goes on in the next round", async () => {
    const { loop, done, each } = startWork(2, 5);
    const work = each("a");
    await loop.round();
    await loop.round(3);
    expect(done).toEqual(["a0"]);
    await loop.round();
    expect(done).toEqual(["a0", "a1"]);
    await work;
  });

  test("what a step throws ends its work alone", async () => {
    const { loop, turns, done, each } = startWork(1, 0.1);
    const failing = turns.each(3, (index) => {
      if (index === 1) throw new Error("a bug");
      done.push(`f${index}`);
    });
    const works = Promise.all([expect(failing).rejects.toThrow("a bug"), each("a")]);
    while (await loop.round());
    await works;
    expect(done).toEqual(["f0", "a0"]);
  });

  test("nothing to do is done at once", async () => {
    const { loop, each } = startWork(0, 1);
    await each("a");
    expect(await loop.round()).toBe(false);
  });
});

describe("all in one turn", () => {
  test("everything is done by the time it returns", async () => {
    const done: number[] = [];
    const work = oneTurn.each(3, (index) => done.push(index));
    expect(done).toEqual([0, 1, 2]);
    await work;
    await oneTurn.next();
  });

  test("what a step throws is told as a rejection", async () => {
    await expect(
      oneTurn.each(1, () => {
        throw new Error("a bug");
      }),
    ).rejects.toThrow("a bug");
  });
});
