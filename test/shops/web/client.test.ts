import { parse, print } from "graphql";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  CustomerDocument,
  createClient,
  FeedDocument,
  PricesDocument,
  type Result,
} from "../../../shops/web/src/pricelane-client.js";

interface Sent {
  readonly url: string;
  readonly init: RequestInit;
}

/** A client before a gateway that answers everything in one way. */
function clientOf(answer: () => Response | Promise<Response>, token: string | null = null) {
  const sent: Sent[] = [];
  const client = createClient({
    url: "http://gateway/graphql",
    token: () => token,
    fetch: (url, init) => {
      sent.push({ url, init });
      return Promise.race([
        new Promise<Response>((_, reject) => {
          init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
        }),
        Promise.resolve().then(answer),
      ]);
    },
  });
  return { client, sent, ask: () => client.ask(PricesDocument, { skus: ["A"] }) };
}

const errorOf = (code: string, more: object = {}) => ({ message: `about ${code}`, extensions: { code, ...more } });
const answered = (body: unknown, init?: ResponseInit) => () => Response.json(body, init);

afterEach(() => {
  vi.useRealTimers();
});

describe("the client for the gateway's contract", () => {
  test("sends a document's text and its variables, the token and no cookie; without a token nothing that names anybody", async () => {
    const { client, sent, ask } = clientOf(answered({ data: { products: [] } }), "t");
    expect(await ask()).toEqual({ kind: "answered", data: { products: [] }, errors: [] });
    await client.ask(CustomerDocument, {}, { token: null });
    const [own, publicly] = sent.map(({ init }) => init);
    expect(JSON.parse(String(own?.body))).toEqual({
      query: PricesDocument.loc?.source.body,
      variables: { skus: ["A"] },
    });
    expect(own).toMatchObject({ credentials: "omit", cache: "no-store", headers: { authorization: "Bearer t" } });
    expect(publicly?.headers).toEqual({ "content-type": "application/json" });
    expect(publicly).toMatchObject({ credentials: "omit" });
  });

  test("fields that failed stand beside the others, each with its code, path and wait", async () => {
    const errors = [{ ...errorOf("RATE_LIMITED", { retryAfterSeconds: 7 }), path: ["products", 0, "price"] }];
    const { ask } = clientOf(answered({ data: { products: [{ sku: "A", price: null }] }, errors }));
    expect(await ask()).toEqual({
      kind: "answered",
      data: { products: [{ sku: "A", price: null }] },
      errors: [
        {
          code: "RATE_LIMITED",
          message: "about RATE_LIMITED",
          path: ["products", 0, "price"],
          reason: null,
          retryAfterSeconds: 7,
        },
      ],
    });
  });

  test.each<[string, Response, Partial<Result<unknown>>]>([
    ["401", Response.json({ errors: [errorOf("UNAUTHENTICATED")] }, { status: 401 }), { kind: "unauthenticated" }],
    ["a missing scope", Response.json({ data: null, errors: [errorOf("FORBIDDEN")] }), { kind: "refused" }],
    ["bad input", Response.json({ errors: [errorOf("BAD_USER_INPUT")] }, { status: 400 }), { kind: "refused" }],
    [
      "429",
      new Response("slow down", { status: 429, headers: { "retry-after": "3" } }),
      { kind: "unavailable", retryAfterSeconds: 3 },
    ],
    [
      "503 with a date",
      new Response("", { status: 503, headers: { "retry-after": "Tue, 24 Nov 2026 10:00:00 GMT" } }),
      { kind: "unavailable", retryAfterSeconds: null },
    ],
    [
      "an ERP that fails for all of the question",
      Response.json({ data: null, errors: [errorOf("ERP_OVERLOADED", { retryAfterSeconds: 2 })] }),
      { kind: "unavailable", retryAfterSeconds: 2 },
    ],
    [
      "a bug",
      Response.json({ data: null, errors: [errorOf("INTERNAL_SERVER_ERROR")] }, { status: 500 }),
      { kind: "unavailable" },
    ],
    ["a page of another server", new Response("<!doctype html>"), { kind: "refused" }],
    ["a list", Response.json([1]), { kind: "refused" }],
  ])("%s is told by its kind", async (_, response, expected) => {
    expect(await clientOf(() => response).ask()).toMatchObject(expected);
  });

  test("a cursor that is lost is told by its reason", async () => {
    const lost = { data: null, errors: [errorOf("BAD_USER_INPUT", { reason: "CURSOR_LOST" })] };
    const result = await clientOf(answered(lost)).client.ask(FeedDocument, { changedSince: "old" });
    expect(result).toMatchObject({ kind: "refused", errors: [{ reason: "CURSOR_LOST" }] });
  });

  test("what is no gateway says where to look", async () => {
    const result = await clientOf(() => new Response("nothing here", { status: 404 })).ask();
    expect(result).toMatchObject({ kind: "refused", errors: [{ message: expect.stringContaining("HTTP 404") }] });
    expect(() => createClient({ url: "gateway" })).toThrow('"gateway" is no URL');
  });

  test("silence ends by the time-out, a dead gateway at once, both as unavailable", async () => {
    vi.useFakeTimers();
    const silent = clientOf(() => new Promise<Response>(() => {}));
    const asking = silent.ask();
    await vi.advanceTimersByTimeAsync(11_999);
    expect(silent.sent[0]?.init.signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await asking).toEqual({ kind: "unavailable", retryAfterSeconds: null, errors: [] });
    expect(silent.sent[0]?.init.signal?.aborted).toBe(true);
    const dead = clientOf(() => Promise.reject(new TypeError("fetch failed")));
    expect(await dead.ask()).toEqual({ kind: "unavailable", retryAfterSeconds: null, errors: [] });
    expect(vi.getTimerCount()).toBe(0);
  });

  test("the caller's signal ends the question, and one aborted before is never asked", async () => {
    const stop = new AbortController();
    const { client, sent } = clientOf(() => new Promise<Response>(() => {}));
    const asking = client.ask(PricesDocument, { skus: ["A"] }, { signal: stop.signal });
    await Promise.resolve();
    stop.abort();
    expect(await asking).toEqual({ kind: "aborted" });
    const before = sent.length;
    expect(await client.ask(PricesDocument, { skus: ["A"] }, { signal: stop.signal })).toEqual({ kind: "aborted" });
    expect(sent).toHaveLength(before);
  });

  test("takes documents of other generators: texts, trees with their source, and trees alone with a printer", async () => {
    const text = "query Mine { viewer { audience } }";
    const { client, sent } = clientOf(answered({ data: {} }));
    const documents = [new String(text), parse(text)] as never[];
    for (const document of documents) await client.ask(document);
    expect(sent.map(({ init }) => JSON.parse(String(init.body)).query)).toEqual([text, text]);
    const bare = parse(text, { noLocation: true }) as never;
    await expect(client.ask(bare)).rejects.toThrow("give createClient `print` of graphql");
    const printing = createClient({
      url: "http://gateway/graphql",
      print,
      fetch: async () => Response.json({ data: {} }),
    });
    expect(await printing.ask(bare)).toEqual({ kind: "answered", data: {}, errors: [] });
  });
});
