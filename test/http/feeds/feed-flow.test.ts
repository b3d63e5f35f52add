import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createGunzip } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { stalledMs } from "../../../src/http/feeds/stream-feed.js";
import { eventually } from "../../support/eventually.js";
import { createGate } from "../../support/port-answers.js";
import { settle, VirtualClock } from "../../support/virtual-clock.js";
import { FakeFeed, type FeedServerOptions, itemOf, linesOf, pageOf, startFeedServer } from "./feed-server.js";

type Server = Awaited<ReturnType<typeof startFeedServer>>;

let server: Server | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

async function start(feed: FakeFeed, options: FeedServerOptions = {}): Promise<Server> {
  server = await startFeedServer(feed, options);
  return server;
}

/** Tells one page, and then waits until the run is ended from outside. */
function endless(): FakeFeed {
  return new FakeFeed(async function* ({ signal }) {
    yield pageOf([itemOf("A")], 1, false);
    if (!signal.aborted) await once(signal, "abort");
  });
}

const largePages = 60;

/** Pages of some 0.7 MB each, of which compression leaves 0.3. */
function large(): FakeFeed {
  return new FakeFeed(async function* () {
    for (let page = 1; page <= largePages; page++) {
      const items = Array.from({ length: 500 }, () => itemOf(randomBytes(600).toString("base64")));
      yield pageOf(items, page, page === largePages);
    }
  });
}

async function readFirst(response: IncomingMessage): Promise<string> {
  const [chunk] = (await once(response, "data")) as [Buffer];
  return chunk.toString("utf8");
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

/** How many pages were read once no more are, though time passes. */
async function pagesReadInAll(feed: FakeFeed): Promise<number> {
  let before = -1;
  return eventually(
    "the reading stands still",
    () => {
      const stands = before === feed.pagesRead;
      before = feed.pagesRead;
      return stands ? before : null;
    },
    { everyMs: 200 },
  );
}

describe("a streamed feed and its reader", () => {
  test.each(["identity", "gzip"])(
    "a slow reader stops the reading, and has all of it in the end: %s",
    async (encoding) => {
      const feed = large();
      const { open } = await start(feed);
      const response = await open("/feeds/ndjson", { "accept-encoding": encoding });
      response.pause();
      const read = await pagesReadInAll(feed);
      // What the sockets of both sides hold is a few MB at most, whatever the size of the feed; compressed it is a tenth.
      if (encoding === "identity") expect(read).toBeLessThan(largePages / 2);
      const body = encoding === "gzip" ? response.pipe(createGunzip()) : response;
      const lines = linesOf(await readAll(body as unknown as IncomingMessage));
      expect(lines).toHaveLength(largePages * 501);
      expect(lines.at(-1)).toMatchObject({ hasNextPage: false });
    },
  );

  test("a reader who hangs up ends the reading, and gives its place back", async () => {
    const feed = endless();
    const { open, streams, readMetrics } = await start(feed);
    const response = await open("/feeds/ndjson");
    await readFirst(response);
    expect(streams.running).toBe(1);
    response.destroy();
    await eventually("the run was ended", () => feed.questions[0]?.signal.aborted);
    await eventually("its place is free", () => streams.running === 0);
    expect(await readMetrics()).toContain('pricelane_feed_streams_total{format="ndjson",outcome="left"} 1');
  });

  test("a reader who hangs up before the first page came is no error", async () => {
    const feed = new FakeFeed(async function* ({ signal }) {
      yield* [];
      await once(signal, "abort");
    });
    const { url, streams, bugs } = await start(feed);
    const abort = new AbortController();
    const asked = fetch(`${url}/feeds/ndjson`, { headers: { authorization: "Bearer feed" }, signal: abort.signal });
    await eventually("it is being read", () => feed.questions.length === 1);
    abort.abort();
    await expect(asked).rejects.toThrow();
    await eventually("its place is free", () => streams.running === 0);
    expect(bugs).toEqual([]);
  });

  test.each(["identity", "gzip"])("each page is there as soon as it was read: %s", async (encoding) => {
    const gate = createGate();
    const feed = new FakeFeed(async function* () {
      yield pageOf([itemOf("A")], 1, false);
      await gate.opened;
      yield pageOf([itemOf("B")], 2, true);
    });
    const { open } = await start(feed);
    const response = await open("/feeds/ndjson", { "accept-encoding": encoding });
    const body = encoding === "gzip" ? response.pipe(createGunzip()) : response;
    const first = await readFirst(body as unknown as IncomingMessage);
    expect(linesOf(first).map((line) => Object.keys(line)[0])).toEqual(["sku", "endCursor"]);
    gate.open();
    expect(linesOf(await readAll(body as unknown as IncomingMessage))[0]).toMatchObject({ sku: "B" });
  });

  test("a reader who takes nothing for minutes is cut off, and gives its place back", async () => {
    const clock = new VirtualClock();
    const feed = large();
    const { open, streams, readMetrics } = await start(feed, { clock });
    const response = await open("/feeds/ndjson");
    response.pause();
    response.on("error", () => {});
    await pagesReadInAll(feed);
    await clock.advance(stalledMs - 1);
    expect(streams.running).toBe(1);
    await clock.advance(1);
    await eventually("its place is free", () => streams.running === 0);
    expect(await readMetrics()).toContain('pricelane_feed_streams_total{format="ndjson",outcome="stalled"} 1');
    expect(clock.pendingTimers).toBe(0);
  });

  test("a run that takes long is not cut, as long as it is read", async () => {
    const clock = new VirtualClock();
    const gates = [createGate(), createGate(), createGate()];
    const feed = new FakeFeed(async function* () {
      for (const [index, gate] of gates.entries()) {
        yield pageOf([itemOf(`S${index}`)], index, false);
        await gate.opened;
      }
      yield pageOf([], 9, true);
    });
    const { open } = await start(feed, { clock });
    const response = await open("/feeds/ndjson");
    const whole = readAll(response);
    for (const [index, gate] of gates.entries()) {
      await eventually("the page was written", () => feed.pagesRead === index + 1);
      await settle();
      await clock.advance(stalledMs * 2);
      gate.open();
    }
    expect(linesOf(await whole).at(-1)).toMatchObject({ hasNextPage: false });
  });
});

describe("streams and the process", () => {
  test("more than may be at once are told when to come back; a place is free as soon as one ends", async () => {
    const { open, get, streams, readMetrics } = await start(endless(), { mostStreams: 2 });
    const running = [await open("/feeds/ndjson"), await open("/feeds/ndjson")];
    const refused = await get("/feeds/ndjson");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "30"]);
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: "RATE_LIMITED" } }] });
    expect(await readMetrics()).toContain("pricelane_feed_streams 2");
    running[0]?.destroy();
    await eventually("a place is free", () => streams.running === 1);
    const next = await open("/feeds/ndjson");
    expect(next.statusCode).toBe(200);
    for (const response of [...running, next]) response.destroy();
  });

  test.each(["identity", "gzip"])(
    "a gateway that stops ends every stream with a line that says so, and takes no new ones: %s",
    async (encoding) => {
      const { open, get, streams, readMetrics } = await start(endless());
      const response = await open("/feeds/ndjson", { "accept-encoding": encoding });
      const body = encoding === "gzip" ? response.pipe(createGunzip()) : response;
      const whole = readAll(body as unknown as IncomingMessage);
      await eventually("it runs", () => streams.running === 1);
      await settle();
      streams.stop();
      const lines = linesOf(await whole);
      expect(lines.map((line) => Object.keys(line)[0])).toEqual(["sku", "endCursor", "error"]);
      expect(lines[2]).toMatchObject({ error: { code: "GATEWAY_STOPPING", retryAfterSeconds: 5 } });
      const late = await get("/feeds/ndjson");
      expect([late.status, late.headers.get("retry-after")]).toEqual([503, "5"]);
      expect(await readMetrics()).toContain('pricelane_feed_streams_total{format="ndjson",outcome="stopping"} 1');
    },
  );

  test("a bug half-way breaks the connection, and is handed on to be logged", async () => {
    const feed = new FakeFeed(async function* () {
      yield pageOf([itemOf("A")], 1, false);
      throw new TypeError("a bug");
    });
    const { open, bugs, streams } = await start(feed);
    await expect(open("/feeds/ndjson").then(readAll)).rejects.toThrow(/aborted|hang up/);
    expect(bugs).toEqual([new TypeError("a bug")]);
    expect(streams.running).toBe(0);
  });
});
