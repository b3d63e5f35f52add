import { Command } from "commander";
import { type Clock, wallClock } from "../clock.js";
import type { ChannelRules } from "../feed/formats/feed-format.js";
import { exitWithTwo } from "./exit-with-two.js";
import { type ReadSafetyStock, toChannelRules } from "./feed/channel-rules.js";
import { exitCodes, FeedEnded } from "./feed/feed-ended.js";
import { addFeedFlags, type FeedFlags } from "./feed/feed-flags.js";
import { readFeedToken } from "./feed/feed-token.js";
import { Progress } from "./feed/progress.js";
import { type FeedJob, runFeed } from "./feed/run-feed.js";
import { hasUntold, type Summary, tellSummary } from "./feed/summary.js";
import type { SigningKeys } from "./token.js";

export interface FeedCommandEnvironment {
  /** @throws {Error} where the environment is none of a gateway's */
  readonly readKeys: () => SigningKeys;
  /** Of PRICELANE_TOKEN; null where it is not set. */
  readonly token: string | null;
  readonly readSafetyStock: ReadSafetyStock;
}

/** As the wall clock's, but a run that waits keeps the process alive. */
const clock: Clock = {
  now: wallClock.now,
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

const exitCodeHelp = `
Exit codes:
  0  the file is whole
  2  it cannot be done as asked
  3  cut off; the same command goes on
  4  whole, and something could not be told (--strict)
  5  nobody can tell any more what changed: run in full
  6  the gateway refuses the token
  7  a file cannot be written
  8  another run is at this target
  9  nothing is for sale by this run: the file is as it was
  10 less than half is left of what was for sale: likewise`;

/** `pricelane feed`: the running gateway's feed into a file. */
export function feedCommand(environment: FeedCommandEnvironment): Command {
  const command = addFeedFlags(exitWithTwo(new Command("feed")))
    .description("write a marketplace feed to a file, from a running gateway")
    .addHelpText("after", exitCodeHelp);
  return command.action(async (flags: FeedFlags) => {
    const job = toJob(flags, toChannelRules(flags, environment.readSafetyStock, command), command);
    const progress = new Progress({
      write: (text) => process.stderr.write(text),
      isTerminal: process.stderr.isTTY === true,
      columns: () => process.stderr.columns || 80,
      isQuiet: flags.quiet === true,
      clock,
    });
    try {
      const summary = await untilSignalled((signal) =>
        runFeed(job, {
          readToken: () => readToken(flags, environment),
          fetch,
          clock,
          random: Math.random,
          progress,
          signal,
        }),
      );
      process.exitCode = conclude(summary, flags);
    } catch (error) {
      if (!(error instanceof FeedEnded)) throw error;
      process.stderr.write(`pricelane feed: ${error.message}\n`);
      process.exitCode = error.exitCode;
    }
  });
}

function toJob(flags: FeedFlags, rules: ChannelRules, command: Command): FeedJob {
  const { out, url, format, giveUpAfter } = flags;
  if (flags.fullIfLost && !flags.delta) return command.error("error: --full-if-lost goes with --delta");
  if (flags.allowEmpty && flags.delta && !flags.fullIfLost)
    return command.error("error: --allow-empty means nothing to --delta, which may be empty: leave it out");
  const statePath = flags.state ?? `${out}.state.json`;
  const { summary = null } = flags;
  if (new Set([out, statePath, summary]).size < 3)
    return command.error("error: --out, --state and --summary should be three files");
  const target = { gateway: url.href, format, rules };
  const wish = {
    target,
    out,
    wantsDelta: flags.delta === true,
    fullIfLost: flags.fullIfLost === true,
    isFresh: flags.fresh === true,
    statePath,
  };
  const allows = { allowsEmpty: flags.allowEmpty === true, allowsShrink: flags.allowShrink === true };
  return { wish, summaryPath: summary, ...allows, giveUpAfterMs: giveUpAfter * 1000 };
}

function readToken({ tokenFile }: FeedFlags, { token, readKeys }: FeedCommandEnvironment): Promise<string> {
  return readFeedToken({ file: tokenFile ?? null, given: token, readKeys, now: clock.now });
}

/** The first signal ends the run in order, a second one at once. */
async function untilSignalled<T>(run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const stop = (signal: NodeJS.Signals) => {
    for (const each of signals) process.off(each, stop);
    controller.abort(new FeedEnded("cutOff", `stopped by ${signal}; the same command goes on with what was kept`));
  };
  for (const signal of signals) process.on(signal, stop);
  try {
    return await run(controller.signal);
  } finally {
    for (const signal of signals) process.off(signal, stop);
  }
}

/** @returns the exit code */
function conclude(summary: Summary, { strict, quiet }: FeedFlags): number {
  const isUntold = strict === true && hasUntold(summary.counts);
  if (!quiet || isUntold) process.stderr.write(tellSummary(summary));
  return isUntold ? exitCodes.untold : exitCodes.whole;
}
