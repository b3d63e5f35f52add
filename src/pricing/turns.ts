/** How work that nobody waits for gives way to work that somebody waits for, on the one thread that does both. */
export interface Turns {
  /**
   * Does something for each index from 0 up to `count`, in their order, a few of them a turn.
   * @returns once all are done; rejected with what `act` throws, and then the rest is left undone
   */
  each(count: number, act: (index: number) => void): Promise<void>;
  /** Settles when a turn begins that is the caller's alone, ahead of the work that waits. */
  next(): Promise<void>;
}

/** Everything in one turn, now: where there is no loop to share, as in a command or under virtual time. */
export const oneTurn: Turns = {
  each(count, act) {
    try {
      for (let index = 0; index < count; index++) act(index);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  },
  next: () => Promise.resolve(),
};

/** The loop of a process: between two of its rounds all else that waits is done. */
export interface Loop {
  /** Runs `run` once in the next round. */
  onNextRound(run: () => void): void;
  /** Since whenever, never set back, in ms with fractions. */
  now(): number;
}

const processLoop: Loop = {
  onNextRound: (run) => void setImmediate(run),
  now: () => performance.now(),
};

/** How long a turn lasts, in ms; the step under way when it is over is ended. What comes meanwhile waits as long at the most. */
const turnMs = 0.5;
/** A round that took longer was busy with others, in ms: an empty one takes some hundredths. */
const idleRoundMs = 0.3;
/** A turn comes after this long at the latest, however busy the loop is with others, in ms: the floor, by which the work ends. */
const longestPauseMs = 10;

interface Work {
  readonly count: number;
  readonly act: (index: number) => void;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  done: number;
}

/**
 * Turns on a loop: one a round, and none in a round that was busy with others, up to a longest pause. So what others wait for is done
 * first, and what comes during a turn waits for no more than its end.
 */
export class LoopTurns implements Turns {
  readonly #loop: Loop;
  readonly #works: Work[] = [];
  /** Those who wait for a turn of their own. */
  readonly #waiting: (() => void)[] = [];
  #isSet = false;
  /** When the loop was seen last, and when a turn ended last. */
  #seenAt = 0;
  #turnEndedAt = 0;

  constructor(loop: Loop = processLoop) {
    this.#loop = loop;
  }

  each(count: number, act: (index: number) => void): Promise<void> {
    if (count === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#works.push({ count, act, resolve, reject, done: 0 });
      this.#awaitRound();
    });
  }

  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#awaitRound();
    });
  }

  #awaitRound(): void {
    if (this.#isSet) return;
    this.#isSet = true;
    this.#seenAt = this.#loop.now();
    this.#loop.onNextRound(this.#onRound);
  }

  readonly #onRound = () => {
    this.#isSet = false;
    const now = this.#loop.now();
    const isBusy = now - this.#seenAt > idleRoundMs;
    if (!isBusy || now - this.#turnEndedAt >= longestPauseMs) this.#takeTurn(now);
    if (this.#works.length > 0 || this.#waiting.length > 0) this.#awaitRound();
  };

  #takeTurn(now: number): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#workUntil(now + turnMs);
    else waiting();
    this.#turnEndedAt = this.#loop.now();
  }

  #workUntil(end: number): void {
    for (let work = this.#works[0]; work !== undefined; work = this.#works[0]) {
      try {
        while (work.done < work.count) {
          work.act(work.done++);
          if (work.done < work.count && this.#loop.now() >= end) return;
        }
        work.resolve();
      } catch (error) {
        work.reject(error);
      }
      this.#works.shift();
      if (this.#loop.now() >= end) return;
    }
  }
}
