import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import { ErpListsNoProducts, ErpOverloaded, ErpTimeout, ErpUnavailable, FeedCursorLost } from "../../../src/errors.js";
import { failed } from "../../../src/pricing/source.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { unknownAt } from "../../support/samples.js";
import {
  FakeFeed,
  type FeedServerOptions,
  feedOf,
  itemOf,
  linesOf,
  now,
  pageOf,
  startFeedServer,
} from "./feed-server.js";

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

/** Fails at once. */
function failing(error: Error): FakeFeed {
  return new FakeFeed(async function* () {
    yield* [];
    throw error;
  });
}

describe("a feed by /feeds/ndjson", () => {
  test("is a line an item, and after each page where to go on from", async () => {
    const { get } = await start(feedOf(2, 1));
    const response = await get("/feeds/ndjson");
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    const [first, second, cursor, third, last, ...none] = linesOf(await response.text());
    expect([first?.["sku"], second?.["sku"], third?.["sku"]]).toEqual(["S1", "S2", "S3"]);
    expect(Object.keys(first ?? {})).toEqual(["sku", "price", "stock", "removed"]);
    expect(cursor).toEqual({ endCursor: "p1.1", hasNextPage: true, deltaCursor: null });
    expect(last).toEqual({ endCursor: "p1.2", hasNextPage: false, deltaCursor: "d1.end" });
    expect(none).toEqual([]);
  });

  test("is warned of in the log where less than half is left of what the full run before had for sale", async () => {
    const warnings: object[] = [];
    const destination = { write: (line: string) => void warnings.push(JSON.parse(line) as object) };
    const sizes = [6, 3, 1, 5];
    const feed = new FakeFeed(async function* ({ after }) {
      const size = after === null ? (sizes.shift() ?? 0) : 0;
      const gone = itemOf("GONE", { price: unknownAt(now) });
      yield pageOf([gone, ...Array.from({ length: size }, (_, index) => itemOf(`S${index}`))], 1, true);
    });
    const { get } = await start(feed, { logger: createLogger({ level: "warn", destination }) });
    // The second has just half of it; a part of a run, and a body that Amazon may want more of, tell nothing.
    for (const path of ["/feeds/ndjson", "/feeds/google.tsv", "/feeds/ndjson?after=p1.1"])
      await (await get(path)).text();
    expect(warnings).toEqual([]);
    await (await get("/feeds/ndjson")).text();
    expect(warnings).toMatchObject([
      { level: "warn", msg: expect.stringContaining("less than half"), format: "ndjson", forSale: 1, before: 3 },
    ]);
    await (await get("/feeds/ndjson")).text();
    expect(warnings).toHaveLength(1);
  });

  test("tells what could not be read beside its null, masks a bug, and goes on", async () => {
    const items = [
      itemOf("A", { price: failed(new ErpTimeout("10.0.0.7 is slow")) }),
      itemOf("B", { stock: failed(new TypeError("row 17")) }),
      itemOf("C", { price: unknownAt(now), isRemoved: true }),
    ];
    const { get, readMetrics } = await start(
      new FakeFeed(async function* () {
        yield pageOf(items, 1, true);
      }),
    );
    const lines = linesOf(await (await get("/feeds/ndjson")).text());
    expect(lines.slice(0, 3)).toMatchObject([
      {
        sku: "A",
        price: null,
        stock: { available: "3" },
        errors: [{ field: "price", code: "ERP_TIMEOUT", message: "The ERP did not answer in time." }],
      },
      {
        sku: "B",
        price: { net: { amount: "10.00" } },
        stock: null,
        errors: [{ field: "stock", code: "INTERNAL_SERVER_ERROR", message: "Something went wrong on our side." }],
      },
      { sku: "C", price: null, removed: true },
    ]);
    expect(lines[2]).not.toHaveProperty("errors");
    expect(await readMetrics()).toContain('pricelane_errors_total{code="ERP_TIMEOUT"} 1');
  });

  test("goes on from where it is told to, with the cursors of its address", async () => {
    const feed = feedOf(1);
    const { get } = await start(feed);
    await (await get("/feeds/ndjson?after=p1.x%2B&changedSince=d1.y")).text();
    await (await get("/feeds/ndjson")).text();
    const starts = feed.questions.map(({ after, changedSince }) => ({ after, changedSince }));
    expect(starts).toEqual([
      { after: "p1.x+", changedSince: "d1.y" },
      { after: null, changedSince: null },
    ]);
  });

  test("without a token, without the scope, and with a bad token: refused as GraphQL would, and nothing is read", async () => {
    const feed = feedOf(1);
    const { url, get } = await start(feed);
    const anonymous = await fetch(`${url}/feeds/ndjson`);
    const shop = await get("/feeds/ndjson", { authorization: "Bearer shop" });
    const foreign = await get("/feeds/ndjson", { authorization: "Bearer foreign" });
    const expired = await get("/feeds/ndjson", { authorization: "Bearer old" });
    expect([anonymous, shop, foreign, expired].map(({ status }) => status)).toEqual([403, 403, 403, 401]);
    expect(expired.headers.get("www-authenticate")).toBe('Bearer realm="pricelane"');
    const bodies = await Promise.all([anonymous, expired].map((response) => response.json()));
    expect(bodies).toMatchObject([
      { errors: [{ extensions: { code: "FORBIDDEN" } }] },
      { errors: [{ message: "The token has expired.", extensions: { code: "UNAUTHENTICATED" } }] },
    ]);
    expect(feed.questions).toEqual([]);
  });

  test.each([
    ["?first=5", "`first` is no parameter here"],
    ["?after=a&after=b", "`after` stands twice"],
  ])("%s is refused by name, and nothing is read", async (search, message) => {
    const feed = feedOf(1);
    const { get } = await start(feed);
    const response = await get(`/feeds/ndjson${search}`);
    const body = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect([response.status, body.errors[0]?.extensions]).toEqual([400, { code: "BAD_USER_INPUT" }]);
    expect(body.errors[0]?.message).toContain(message);
    expect(feed.questions).toEqual([]);
  });

  test.each([
    [new FeedCursorLost("lost"), 400, null, { code: "BAD_USER_INPUT", reason: "CURSOR_LOST" }],
    [new ErpUnavailable("x"), 503, "1", { code: "ERP_UNAVAILABLE", retryAfterSeconds: 1 }],
    [
      new ErpOverloaded("x", { countsAsFailure: true, retryAfterSeconds: 7 }),
      503,
      "7",
      { code: "ERP_OVERLOADED", retryAfterSeconds: 7 },
    ],
    [new ErpListsNoProducts("x"), 502, null, { code: "ERP_BAD_ANSWER", reason: "PRODUCTS_NOT_LISTED" }],
  ])("%o before the first page is a status, and no half body", async (error, status, retryAfter, extensions) => {
    const { get, readMetrics } = await start(failing(error));
    const response = await get("/feeds/ndjson");
    expect([response.status, response.headers.get("retry-after")]).toEqual([status, retryAfter]);
    expect(await response.json()).toEqual({ errors: [{ message: error.clientMessage, extensions }] });
    expect(await readMetrics()).toContain('pricelane_feed_streams_total{format="ndjson",outcome="refused"} 1');
  });

  test("an ERP that dies half-way is the last line, with when to go on", async () => {
    const { get, readMetrics } = await start(
      new FakeFeed(async function* () {
        yield pageOf([itemOf("A")], 1, false);
        throw new ErpUnavailable("10.0.0.7 is away");
      }),
    );
    const lines = linesOf(await (await get("/feeds/ndjson")).text());
    expect(lines.map((line) => Object.keys(line)[0])).toEqual(["sku", "endCursor", "error"]);
    expect(lines[2]).toEqual({
      error: { code: "ERP_UNAVAILABLE", message: "The ERP cannot be asked at present.", retryAfterSeconds: 1 },
    });
    expect(await readMetrics()).toContain('pricelane_feed_streams_total{format="ndjson",outcome="failed"} 1');
  });

  test("HEAD tells the head and reads nothing; other methods are refused by name", async () => {
    const feed = feedOf(1);
    const { url, open } = await start(feed);
    const head = await fetch(`${url}/feeds/ndjson`, { method: "HEAD", headers: { authorization: "Bearer feed" } });
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "application/x-ndjson"]);
    const post = await fetch(`${url}/feeds/ndjson`, { method: "POST", body: "x" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(feed.questions).toEqual([]);
    (await open("/feeds/ndjson")).destroy();
  });

  test("a gzipped body is the same body", async () => {
    const { open } = await start(feedOf(3, 2));
    const read = async (encoding: string) => {
      const response = await open("/feeds/ndjson", { "accept-encoding": encoding });
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      return { encoding: response.headers["content-encoding"], bytes: Buffer.concat(chunks) };
    };
    const zipped = await read("br, gzip;q=0.5");
    const plain = await read("gzip;q=0, identity");
    expect([zipped.encoding, plain.encoding]).toEqual(["gzip", undefined]);
    const withoutAges = (bytes: Buffer) => bytes.toString("utf8").replace(/"ageSeconds":[\d.]+/g, "");
    expect(withoutAges(gunzipSync(zipped.bytes))).toBe(withoutAges(plain.bytes));
  });
});
