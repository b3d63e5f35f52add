import { rm } from "node:fs/promises";
import type { Clock } from "../../clock.js";
import { CursorLost, FeedEnded } from "./feed-ended.js";
import { refuseBadTarget, writeWhole } from "./files.js";
import { openFeed } from "./open-feed.js";
import { PartialFile } from "./partial-file.js";
import { Patience } from "./patience.js";
import { beginRun, lostOrFull, planRun, type RunWish } from "./plan-run.js";
import type { Progress } from "./progress.js";
import { type FullRun, publish } from "./publish.js";
import { type RunningState, receiveRun } from "./receive-run.js";
import { type FeedState, readState, type WholeRuns, writeState } from "./run-state.js";
import type { Summary } from "./summary.js";
import { forSaleOf, Tally } from "./tally.js";
import { TargetLock } from "./target-lock.js";

export interface FeedJob {
  readonly wish: RunWish;
  /** Where the summary goes as JSON; null for nowhere. */
  readonly summaryPath: string | null;
  /** Whether a full run may replace the file though nothing in it is for sale. */
  readonly allowsEmpty: boolean;
  /** Whether less than half may be left of what the last full run had for sale. */
  readonly allowsShrink: boolean;
  /** For how long, in ms, to ask again in vain. */
  readonly giveUpAfterMs: number;
}

export interface FeedSurroundings {
  readonly readToken: () => Promise<string>;
  readonly fetch: typeof globalThis.fetch;
  /** The machine's own time. Its timers keep the process alive: a run that waits is not at its end. */
  readonly clock: Clock;
  readonly random: () => number;
  readonly progress: Progress;
  /** Aborted when the run is to end, with a {@link FeedEnded} as the reason. */
  readonly signal: AbortSignal;
}

/**
 * Gets a feed into its file, from wherever an earlier call left it.
 * @throws {FeedEnded} where it does not get there; what was kept is where the next call goes on
 */
export async function runFeed(job: FeedJob, surroundings: FeedSurroundings): Promise<Summary> {
  const { out, statePath } = job.wish;
  await refuseBadTarget(out, "--out");
  await refuseBadTarget(statePath, "--state");
  if (job.summaryPath !== null) await refuseBadTarget(job.summaryPath, "--summary");
  const locks: TargetLock[] = [];
  try {
    // A state may be shared by several targets, and a target be named with several states.
    for (const path of [`${out}.lock`, `${statePath}.lock`])
      locks.push(await TargetLock.take(path, surroundings.clock));
    return await new FeedRun(job, surroundings, locks).toEnd();
  } finally {
    for (const lock of locks) await lock.release();
  }
}

/** One call, while it holds the locks. */
class FeedRun {
  readonly #job: FeedJob;
  readonly #with: FeedSurroundings;
  readonly #locks: readonly TargetLock[];
  readonly #partialPath: string;

  constructor(job: FeedJob, surroundings: FeedSurroundings, locks: readonly TargetLock[]) {
    this.#job = job;
    this.#with = surroundings;
    this.#locks = locks;
    // Beside the state that tells how much of it is whole: another state of the same target has another.
    this.#partialPath = `${job.wish.statePath}.partial`;
  }

  async toEnd(): Promise<Summary> {
    const { wish } = this.#job;
    const { clock, progress } = this.#with;
    const plan = planRun(await this.#readState(), wish, clock.now());
    for (const note of plan.notes) progress.note(note);
    const received = await this.#receive(plan.state);
    const summary = await this.#publishOrForget(received);
    if (this.#job.summaryPath !== null)
      await writeWhole(this.#job.summaryPath, `${JSON.stringify(summary, null, 2)}\n`);
    await this.#save(toWhole(received, summary));
    await rm(this.#partialPath, { force: true });
    return summary;
  }

  async #readState(): Promise<FeedState | null> {
    const { statePath, isFresh } = this.#job.wish;
    try {
      return await readState(statePath);
    } catch (error) {
      if (isFresh && error instanceof FeedEnded && error.reason === "notAsAsked") return null;
      throw error;
    }
  }

  async #receive(start: RunningState): Promise<RunningState> {
    try {
      return await this.#receiveFrom(start);
    } catch (error) {
      if (!(error instanceof CursorLost)) throw error;
      const { run } = start;
      const note = run.kind === "delta" ? lostOrFull(this.#job.wish, error.message) : `${error.message}: starting over`;
      this.#with.progress.note(note);
      return this.#receiveAnew(start);
    }
  }

  /** In full, and no second time: a gateway that loses the cursor it just gave is not mended by a third. */
  async #receiveAnew(state: FeedState): Promise<RunningState> {
    const { wish } = this.#job;
    const { state: anew } = beginRun(state, { ...wish, wantsDelta: false }, this.#with.clock.now());
    try {
      return await this.#receiveFrom(anew);
    } catch (error) {
      throw error instanceof CursorLost ? new FeedEnded("cursorLost", error.message, { cause: error }) : error;
    }
  }

  async #receiveFrom(start: RunningState): Promise<RunningState> {
    const { clock, random, progress, signal } = this.#with;
    const { state, partial } = await this.#openPartial(start);
    progress.begin(state.run.items, state.run.kind === "full" ? state.whole.fullItems : null);
    try {
      return await receiveRun(state, {
        gateway: new URL(state.target.gateway),
        open: (address) => this.#open(address),
        partial,
        save: (next) => this.#save(next),
        patience: new Patience({ giveUpAfterMs: this.#job.giveUpAfterMs, clock, random }),
        clock,
        signal,
        onPage: (page) => progress.onPage(page),
        onNote: (note) => progress.note(note),
      });
    } finally {
      progress.clear();
      await partial.close();
    }
  }

  async *#open(address: Parameters<typeof openFeed>[0]): AsyncGenerator<Uint8Array> {
    const { fetch, clock, signal } = this.#with;
    yield* openFeed(address, { token: await this.#with.readToken(), fetch, clock, signal });
  }

  async #openPartial(state: RunningState): Promise<{ state: RunningState; partial: PartialFile }> {
    // Before the file is cut, so that no state ever tells of more than is there.
    if (state.run.bytes === 0) await this.#save(state);
    const partial = await PartialFile.open(this.#partialPath, state.run.bytes);
    if (partial !== null) return { state, partial };
    this.#with.progress.note(`${this.#partialPath} is not as it was left: starting over`);
    const progress = { endCursor: null, isReceived: false, deltaCursor: null, bytes: 0, items: 0 };
    const now = this.#with.clock.now();
    return this.#openPartial({ ...state, run: { ...state.run, ...progress, startedAt: now, keptAt: now } });
  }

  async #save(state: FeedState): Promise<void> {
    for (const lock of this.#locks) await lock.verify();
    await writeState(this.#job.wish.statePath, state);
  }

  /** A run that is refused for what it says is asked for anew by the next call, rather than refused again. */
  async #publishOrForget(received: RunningState): Promise<Summary> {
    try {
      return await this.#publish(received);
    } catch (error) {
      if (error instanceof FeedEnded && (error.reason === "empty" || error.reason === "shrunk")) {
        await this.#save({ ...received, run: null });
        await rm(this.#partialPath, { force: true });
      }
      throw error;
    }
  }

  async #publish({ run, whole, target }: RunningState): Promise<Summary> {
    const { clock, signal } = this.#with;
    const tally = new Tally();
    const { out } = run;
    const mayBeEmpty = run.kind === "delta" || this.#job.allowsEmpty;
    const { format, rules, gateway } = target;
    const shrinksFrom = this.#job.allowsShrink ? null : fullRunOf(whole);
    const partsBefore = whole.parts[out] ?? 0;
    const wanted = { out, kind: run.kind, format, rules, partsBefore, mayBeEmpty, shrinksFrom };
    const files = await publish({ partialPath: this.#partialPath, ...wanted, tally, signal });
    const finishedAt = clock.now();
    return {
      kind: run.kind,
      gateway,
      format,
      files,
      startedAt: new Date(run.startedAt).toISOString(),
      finishedAt: new Date(finishedAt).toISOString(),
      seconds: Math.max(0, finishedAt - run.startedAt) / 1000,
      counts: tally.counts,
    };
  }
}

/** Null where none is remembered with what was for sale. */
function fullRunOf({ fullItems: items, fullForSale: forSale }: WholeRuns): FullRun | null {
  return items === null || forSale === undefined ? null : { items, forSale };
}

function toWhole({ target, run, whole }: RunningState, { files, counts }: Summary): FeedState {
  const full = run.kind === "full" ? { fullItems: run.items, fullForSale: forSaleOf(counts) } : {};
  const parts = { ...whole.parts, [run.out]: files.length };
  return { target, run: null, whole: { ...whole, ...full, deltaCursor: run.deltaCursor, parts } };
}
