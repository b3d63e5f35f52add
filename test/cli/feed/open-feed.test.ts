import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TryAgain } from "../../../src/cli/feed/feed-ended.js";
import { openFeed } from "../../../src/cli/feed/open-feed.js";
import { readPages } from "../../../src/cli/feed/read-pages.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { FakeGateway } from "./fake-gateway.js";

let gateway: FakeGateway;
beforeAll(async () => {
  gateway = await FakeGateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.fates = [];
  gateway.fill(7);
});

const start = { after: null, changedSince: null };
function open(url: string, fetchWith: typeof fetch = fetch, clock = new VirtualClock()) {
  const signal = new AbortController().signal;
  return openFeed({ gateway: new URL(url), ...start }, { token: "t", fetch: fetchWith, clock, signal });
}

async function countOf(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let items = 0;
  for await (const { records } of readPages(chunks)) items += records.length;
  return items;
}

/** As if the gateway were far away. */
const compressed: typeof fetch = (url, init) =>
  fetch(url, { ...init, headers: { ...(init?.headers as Record<string, string>), "accept-encoding": "gzip" } });

describe("a request for a feed", () => {
  test("reads a compressed one, and takes one that is cut off for cut off", async () => {
    expect(await countOf(open(gateway.url, compressed))).toBe(7);
    gateway.fates = [{ cutAfter: 700 }];
    await expect(countOf(open(gateway.url, compressed))).rejects.toBeInstanceOf(TryAgain);
  });

  test("asks for compression far away alone", async () => {
    const asked: unknown[] = [];
    const note = async (_url: unknown, init?: RequestInit) => {
      asked.push(new Headers(init?.headers).get("accept-encoding"));
      return new Response("", { status: 500 });
    };
    for (const url of ["http://127.0.0.1:4000/", "http://localhost/", "http://[::1]/", "https://gateway.example/"])
      await expect(countOf(open(url, note))).rejects.toThrow("HTTP 500");
    expect(asked).toEqual(["identity", "identity", "identity", "gzip"]);
  });

  test("says what to do where nobody is there", async () => {
    const gone = await FakeGateway.start();
    const { url } = gone;
    await gone.stop();
    await expect(countOf(open(url))).rejects.toThrow(/ECONNREFUSED.*start the gateway there/);
  });

  test("is below the path that a proxy gives the gateway", async () => {
    const asked: string[] = [];
    const note = async (url: unknown) => {
      asked.push(String(url));
      return new Response("");
    };
    await expect(countOf(open("https://shop.example/pricelane/", note))).rejects.toThrow("HTTP 200");
    expect(asked).toEqual(["https://shop.example/pricelane/feeds/ndjson"]);
  });

  test("waits three minutes for a word, and no longer", async () => {
    const clock = new VirtualClock();
    const silent: typeof fetch = (_url, init) =>
      new Promise((_resolve, reject) => init?.signal?.addEventListener("abort", () => reject(init.signal?.reason)));
    const ended = countOf(open("http://gateway/", silent, clock));
    const told = expect(ended).rejects.toThrow("said nothing for 180 seconds");
    await clock.advance(179_999);
    expect(clock.pendingTimers).toBe(1);
    await clock.advance(1);
    await told;
    expect(clock.pendingTimers).toBe(0);
  });

  test("prints nothing of a refusal that a terminal would obey", async () => {
    gateway.fates = [{ status: 500, body: { errors: [{ message: "\u001b[2Jgone" }] } }];
    await expect(countOf(open(gateway.url))).rejects.toThrow(/HTTP 500: {2}\[2Jgone$/);
  });
});
