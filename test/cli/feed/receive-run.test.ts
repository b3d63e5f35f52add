import { describe, expect, test } from "vitest";
import { CursorLost, FeedEnded, TryAgain } from "../../../src/cli/feed/feed-ended.js";
import type { FeedAddress } from "../../../src/cli/feed/open-feed.js";
import { Patience } from "../../../src/cli/feed/patience.js";
import { beginRun } from "../../../src/cli/feed/plan-run.js";
import { type RunningState, receiveRun } from "../../../src/cli/feed/receive-run.js";
import { recordOf } from "../../feed/formats/record-samples.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { wishOf } from "./feed-setup.js";

const page = (number: number, isLast = false) => {
  const cursor = { endCursor: `c${number}`, hasNextPage: !isLast, deltaCursor: isLast ? "d" : null };
  return `${JSON.stringify(recordOf({ sku: `S${number}` }))}\n${JSON.stringify(cursor)}\n`;
};
const errorLine = (retryAfterSeconds: number | null) =>
  `${JSON.stringify({ error: { code: "ERP_UNAVAILABLE", message: "away", retryAfterSeconds } })}\n`;

/** A run under virtual time. @param answers what each request gets, in turn: text, or what it throws; the last goes on for ever */
function start(answers: readonly (string | Error)[], { random = () => 0 as number } = {}) {
  const clock = new VirtualClock();
  const stop = new AbortController();
  const begun = clock.now();
  const asked: { after: string | null; atMs: number }[] = [];
  const kept: Buffer[] = [];
  const saved: RunningState[] = [];
  const notes: string[] = [];
  async function* open({ after }: FeedAddress) {
    const answer = answers[Math.min(asked.length, answers.length - 1)] ?? "";
    asked.push({ after, atMs: clock.now() - begun });
    if (answer instanceof Error) throw answer;
    yield Buffer.from(answer);
  }
  const ended = receiveRun(beginRun(null, wishOf("/tmp/x", "http://gateway/"), clock.now()).state, {
    gateway: new URL("http://gateway/"),
    open,
    partial: {
      append: async (bytes) => {
        kept.push(Buffer.from(bytes));
        return Buffer.concat(kept).byteLength;
      },
    },
    save: async (state) => void saved.push(state),
    patience: new Patience({ giveUpAfterMs: 300_000, clock, random }),
    clock,
    signal: stop.signal,
    onPage: () => {},
    onNote: (note) => notes.push(note),
  });
  ended.catch(() => {});
  return { ended, clock, asked, kept, saved, notes, stop };
}

describe("receiving a run", () => {
  test("keeps each page before the next one counts, and goes on from its cursor after a cut", async () => {
    const run = start([page(1) + page(2) + page(3).slice(0, 40), page(3, true)]);
    await run.clock.advance(1_000);
    const end = await run.ended;
    expect(run.asked.map(({ after }) => after)).toEqual([null, "c2"]);
    expect(Buffer.concat(run.kept).toString("utf8").match(/"S\d"/g)).toEqual(['"S1"', '"S2"', '"S3"']);
    expect(run.saved.map(({ run: { endCursor, items } }) => [endCursor, items])).toEqual([
      ["c1", 1],
      ["c2", 2],
      ["c3", 3],
    ]);
    expect(end.run).toMatchObject({ isReceived: true, deltaCursor: "d", bytes: Buffer.concat(run.kept).byteLength });
  });

  test("waits twice as long after each failure, up to a minute, and gives up after the bound", async () => {
    const run = start([new TryAgain("away")]);
    await run.clock.advance(400_000);
    await expect(run.ended).rejects.toMatchObject({
      reason: "cutOff",
      message: expect.stringContaining("away; given up"),
    });
    const times = run.asked.map(({ atMs }) => atMs / 1000);
    expect(times).toEqual([0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5, 121.5, 151.5, 181.5, 211.5, 241.5, 271.5]);
    expect(run.clock.pendingTimers).toBe(0);
  });

  test("leaves half of each wait to chance, and never exceeds it", async () => {
    const run = start([new TryAgain("away"), page(1, true)], { random: () => 0.999_999 });
    await run.clock.advance(999);
    expect(run.asked).toHaveLength(1);
    await run.clock.advance(1);
    await run.ended;
  });

  test.each([
    ["a refusal with Retry-After", new TryAgain("busy", 20_000)],
    ["the last line of a stream", page(1) + errorLine(20)],
  ])("asks no sooner than %s allows", async (_what, first) => {
    const run = start([first, page(2, true)]);
    await run.clock.advance(19_999);
    expect(run.asked).toHaveLength(1);
    await run.clock.advance(1);
    await run.ended;
    expect(run.notes).toEqual([expect.stringContaining("asking again in 20 s")]);
  });

  test("gives up at once where it is told to wait beyond the bound", async () => {
    await expect(start([new TryAgain("busy", 301_000)]).ended).rejects.toMatchObject({ reason: "cutOff" });
  });

  test("does not count what went wrong before a page that came", async () => {
    const answers = Array.from({ length: 20 }, (_, index) => page(index) + errorLine(100));
    const run = start([...answers, page(20, true)]);
    await run.clock.advance(2_000_000);
    expect((await run.ended).run.items).toBe(21);
  });

  test.each([new FeedEnded("refused", "no"), new CursorLost("lost"), new TypeError("a bug")])(
    "repeats nothing that repeating does not mend: %s",
    async (error) => {
      const run = start([error]);
      await expect(run.ended).rejects.toBe(error);
      expect(run.asked).toHaveLength(1);
    },
  );

  test("ends when it is told to, also while it waits, by the reason given", async () => {
    const run = start([page(1) + errorLine(null)]);
    await run.clock.advance(100);
    const reason = new FeedEnded("cutOff", "stopped by SIGINT");
    run.stop.abort(reason);
    await expect(run.ended).rejects.toBe(reason);
    expect(run.clock.pendingTimers).toBe(0);
    expect(run.saved.at(-1)?.run).toMatchObject({ endCursor: "c1", isReceived: false });
  });

  test.each([
    ["no JSON", "<html>\n"],
    ["no object", "[1]\n"],
    ["another kind of line", '{"hello":1}\n'],
    ["an item without its fields", '{"sku":"A"}\n'],
    ["an item with a price that is none", '{"sku":"A","price":"10","stock":null,"removed":false}\n'],
    ["an item with errors that are none", '{"sku":"A","price":null,"stock":null,"removed":false,"errors":[{}]}\n'],
    ["a cursor that is none", '{"endCursor":7,"hasNextPage":true,"deltaCursor":null}\n'],
    ["a line without an end", "x".repeat(5 * 1024 * 1024)],
  ])("keeps nothing of a page with %s", async (_what, line) => {
    const run = start([page(1) + line + page(2), page(2, true)]);
    await run.clock.advance(60_000);
    expect((await run.ended).run.items).toBe(2);
    expect(run.notes).toEqual([expect.stringMatching(/^the gateway told .*; asking again in 1 s$/)]);
  });
});
