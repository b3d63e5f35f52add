import { Session } from "node:inspector/promises";

// Loaded into a measured process by `node --import`, so that the program under measurement is the one that is shipped, and
// tells of itself what only it can tell exactly. It costs nothing between two questions.

export type ProbeQuestion = { readonly ask: "cpu" } | { readonly ask: "profile" } | { readonly ask: "profiled" };

/** CPU time of all threads since the start, in µs, user and system. */
export interface CpuAnswer {
  readonly cpuMicros: number;
  /** Memory that the process holds at the moment (resident set). */
  readonly rssBytes: number;
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

async function answer({ ask }: ProbeQuestion): Promise<unknown> {
  switch (ask) {
    case "cpu": {
      const { user, system } = process.cpuUsage();
      return { cpuMicros: user + system, rssBytes: process.memoryUsage.rss() } satisfies CpuAnswer;
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

function isQuestion(message: unknown): message is ProbeQuestion {
  return typeof message === "object" && message !== null && "ask" in message;
}

process.on("message", async (message) => {
  if (isQuestion(message)) process.send?.({ answered: await answer(message) });
});
// The program must be able to end although somebody could still ask, and must not outlive who measures it.
process.channel?.unref();
process.on("disconnect", () => process.exit());
