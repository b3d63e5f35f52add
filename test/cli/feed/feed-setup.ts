import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunWish } from "../../../src/cli/feed/plan-run.js";
import { Progress } from "../../../src/cli/feed/progress.js";
import { type FeedJob, runFeed } from "../../../src/cli/feed/run-feed.js";
import type { Clock } from "../../../src/clock.js";

export function makeFolder(): string {
  return mkdtempSync(join(tmpdir(), "pricelane-feed-"));
}

export function wishOf(out: string, gateway: string, parts: Partial<RunWish> = {}): RunWish {
  return {
    target: { gateway, format: "ndjson", rules: { safetyStock: "0", tax: "gross", amazon: null } },
    out,
    wantsDelta: false,
    fullIfLost: false,
    isFresh: false,
    statePath: `${out}.state.json`,
    ...parts,
  };
}

/** A call with real files and a real connection, that ends at the first failure: nothing waits. */
export function callOnce(
  wish: RunWish,
  { signal, token = "a-token", ...parts }: Partial<FeedJob> & { signal?: AbortSignal; token?: string } = {},
): { ended: ReturnType<typeof runFeed>; notes: string[] } {
  const notes: string[] = [];
  const clock: Clock = { now: Date.now, after: startTimer };
  const ended = runFeed(
    { wish, summaryPath: null, allowsEmpty: false, allowsShrink: false, giveUpAfterMs: 0, ...parts },
    {
      readToken: async () => token,
      fetch,
      clock,
      random: () => 0,
      progress: new Progress({
        write: (text) => notes.push(text),
        isTerminal: false,
        columns: () => 80,
        isQuiet: false,
        clock,
      }),
      signal: signal ?? new AbortController().signal,
    },
  );
  return { ended, notes };
}

function startTimer(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}
