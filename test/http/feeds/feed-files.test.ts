import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import { failed } from "../../../src/pricing/source.js";
import { FakeFeed, type FeedServerOptions, feedOf, itemOf, pageOf, startFeedServer } from "./feed-server.js";

type Server = Awaited<ReturnType<typeof startFeedServer>>;

let server: Server | null = null;
afterEach(async () => {
  const bugs = server?.bugs ?? [];
  await server?.stop();
  server = null;
  expect(bugs).toEqual([]);
});

async function start(feed: FakeFeed, options: FeedServerOptions = {}): Promise<Server> {
  server = await startFeedServer(feed, options);
  return server;
}

const amazonPath = "/feeds/amazon.json?sellerId=A2SELLER&marketplaceId=A13V1IB3VIYZZH";
const paths = ["/feeds/google.tsv", "/feeds/google.xml", amazonPath];

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

describe("a marketplace's file", () => {
  test.each([
    ["/feeds/google.tsv", "text/tab-separated-values; charset=utf-8", "S3\t12.00 EUR\tin_stock\t\n"],
    ["/feeds/google.xml", "application/xml; charset=utf-8", "</channel>\n</rss>\n"],
    [amazonPath, "application/json; charset=utf-8", "\n]}\n"],
  ])("%s is whole, has its type, and no line of ours in it", async (path, type, end) => {
    const { open } = await start(feedOf(2, 1));
    const response = await open(path);
    const text = await read(response);
    expect(response.headers["content-type"]).toBe(type);
    expect(text.endsWith(end)).toBe(true);
    expect(text).not.toContain("Cursor");
    expect(["S1", "S2", "S3"].every((sku) => text.includes(sku))).toBe(true);
    expect(response.trailers).toMatchObject({ "pricelane-items": "3", "pricelane-left-out": "0" });
  });

  test.each(paths)("%s breaks where the run dies half-way: nobody takes it for a whole one", async (path) => {
    const { open } = await start(
      new FakeFeed(async function* () {
        yield pageOf([itemOf("A")], 1, false);
        await new Promise((resolve) => setTimeout(resolve, 50)); // what was told so far is sent
        throw new ErpUnavailable("away");
      }),
    );
    const response = await open(path);
    await expect(read(response)).rejects.toThrow("aborted");
    expect(response.complete).toBe(false);
  });

  test.each(paths)("%s breaks where the gateway stops", async (path) => {
    const { open, streams } = await start(
      new FakeFeed(async function* ({ signal }) {
        yield pageOf([itemOf("A")], 1, false);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      }),
    );
    const response = await open(path);
    streams.stop();
    await expect(read(response)).rejects.toThrow("aborted");
  });

  test.each([
    ["/feeds/google.tsv", 400],
    ["/feeds/ndjson", 200],
  ])("%s by HTTP/1.0, which cannot tell a broken body from a whole one: %i", async (path, status) => {
    const { url } = await start(feedOf(1));
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.end(`GET ${path} HTTP/1.0\r\nauthorization: Bearer feed\r\n\r\n`);
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString("utf8")).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  test("what is left out is counted in the trailers and the metrics, by reason; an SKU with two reasons once", async () => {
    const late = failed(new ErpTimeout("x"));
    const items = [
      itemOf("A"),
      itemOf("B\tB"),
      itemOf("C", { stock: late, price: late }),
      itemOf("D", { stock: late }),
    ];
    const { open, readMetrics } = await start(
      new FakeFeed(async function* () {
        yield pageOf(items, 1, true);
      }),
    );
    const response = await open("/feeds/google.tsv");
    expect((await read(response)).split("\n").slice(1, -1)).toEqual(["A\t12.00 EUR\tin_stock\t", "D\t12.00 EUR\t\t"]);
    expect(response.trailers).toMatchObject({ "pricelane-items": "2", "pricelane-left-out": "3" });
    const metrics = await readMetrics();
    expect(metrics).toContain('pricelane_feed_left_out_total{format="google-tsv",reason="unread"} 2');
    expect(metrics).toContain('pricelane_feed_left_out_total{format="google-tsv",reason="unnameable"} 1');
    expect(metrics).toContain('pricelane_feed_items_total{format="google-tsv"} 2');
  });

  test("each marketplace has its own safety stock, and its price the side of the tax that was asked for", async () => {
    const safetyStock = new Map([["google", "3"] as const]);
    const { get } = await start(feedOf(1), { safetyStock });
    expect(await (await get("/feeds/google.tsv?tax=net")).text()).toContain("S1\t10.00 EUR\tout_of_stock");
    expect(await (await get(amazonPath)).text()).toContain('"value_with_tax":12.00}');
    expect(await (await get(amazonPath)).text()).toContain('"quantity":3}');
  });

  test("Amazon's is cut at 25,000 messages, and the trailers say where the next one begins", async () => {
    const feed = feedOf(...Array.from({ length: 60 }, () => 500));
    const { open } = await start(feed);
    const response = await open(amazonPath);
    const { messages } = JSON.parse(await read(response)) as { messages: { sku: string }[] };
    expect([messages.length, messages.at(-1)?.sku]).toEqual([25_000, "S25000"]);
    expect(response.trailers).toMatchObject({
      "pricelane-items": "25000",
      "pricelane-has-next-page": "true",
      "pricelane-end-cursor": "p1.50",
    });
    expect(response.trailers).not.toHaveProperty("pricelane-delta-cursor");
    await read(await open(`${amazonPath}&after=p1.50`));
    expect(feed.questions[1]).toMatchObject({ after: "p1.50", changedSince: null });
  });

  test("Amazon's is cut before it is larger than Amazon advises, too", async () => {
    const names = Array.from({ length: 25_000 }, (_, index) => `${"é".repeat(34)}${10_000 + index}`);
    const feed = new FakeFeed(async function* () {
      for (let page = 0; page < 50; page++) {
        const items = names.slice(page * 500, (page + 1) * 500).map((sku) => itemOf(sku));
        yield pageOf(items, page, page === 49);
      }
    });
    const { open } = await start(feed);
    const response = await open(amazonPath);
    const bytes = Buffer.byteLength(await read(response));
    expect(bytes).toBeLessThanOrEqual(10_485_760);
    expect(bytes).toBeGreaterThan(9_500_000);
    expect(response.trailers["pricelane-has-next-page"]).toBe("true");
  });

  test.each([
    ["/feeds/google.tsv?changedSince=d1.x", "`changedSince` is no parameter here"],
    ["/feeds/google.xml?after=p1.x", "`after` is no parameter here"],
    ["/feeds/google.xml?tax=both", '`tax` should be gross or net, not "both"'],
    ["/feeds/amazon.json?marketplaceId=A13V1IB3VIYZZH", "`sellerId` should be the seller's id"],
    ["/feeds/amazon.json?sellerId=A2SELLER", "`marketplaceId` should be a marketplace's id"],
    ["/feeds/amazon.json?sellerId=A2%22X&marketplaceId=A13V1IB3VIYZZH", "`sellerId` should be"],
    [`${amazonPath}&productType=shoes`, "`productType` should be a product type"],
  ])("%s is refused by name, and nothing is read", async (path, message) => {
    const feed = feedOf(1);
    const { get } = await start(feed);
    const response = await get(path);
    const body = (await response.json()) as { errors: { message: string }[] };
    expect(response.status).toBe(400);
    expect(body.errors[0]?.message).toContain(message);
    expect(feed.questions).toEqual([]);
  });
});
