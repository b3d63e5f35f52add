import { Session } from "node:inspector/promises";
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

// Loaded into a measured process by `node --import`, so that the program under measurement is the one that is shipped, and
// tells of itself what only it can tell exactly. It costs nothing between two questions.

export interface ProbeQuestion {
  /** `delays` begins to look at the event loop with its first question: what it tells then is empty. */
  readonly ask: "cpu" | "delays" | "profile" | "profiled";
}

/** CPU time of all threads since the start, in µs, user and system. */
export interface CpuAnswer {
  readonly cpuMicros: number;
  /** Memory that the process holds at the moment (resident set). */
  readonly rssBytes: number;
}

/** How late a timer of the process came that is due each millisecond, since the last question, in ms. */
export interface DelaysAnswer {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

/** As much of V8's CPU profile as is used here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly children?: readonly number[] | undefined;
    readonly callFrame: { readonly functionName: string; readonly url: string };
  }[];
  readonly samples?: readonly number[] | undefined;
  readonly timeDeltas?: readonly number[] | undefined;
}

let session: Session | null = null;
let delays: IntervalHistogram | null = null;
const resolutionMs = 1;

async function answer({ ask }: ProbeQuestion): Promise<unknown> {
  switch (ask) {
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } satisfies CpuAnswer;
    }
    case "delays": {
      delays ??= watchDelays();
      const answer = readDelays(delays);
      delays.reset();
      return answer;
    }
    case "profile":
      session = new Session();
      session.connect();
      await session.post("Profiler.enable");
      await session.post("Profiler.start");
      return {};
    case "profiled":
      return (await session?.post("Profiler.stop"))?.profile;
  }
}

function watchDelays(): IntervalHistogram {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  return histogram;
}

function readDelays(histogram: IntervalHistogram): DelaysAnswer {
  const late = (nanos: number) => Math.max(nanos / 1e6 - resolutionMs, 0);
  const at = (percent: number) => late(histogram.percentile(percent));
  return { p50Ms: at(50), p95Ms: at(95), p99Ms: at(99), mostMs: late(histogram.max) };
}

function isQuestion(message: unknown): message is ProbeQuestion {
  return typeof message === "object" && message !== null && "ask" in message;
}

process.on("message", async (message) => {
  if (isQuestion(message)) process.send?.({ answered: await answer(message) });
});
// The program must be able to end although somebody could still ask, and must not outlive who measures it.
process.channel?.unref();
process.on("disconnect", () => process.exit());
