import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { BodyNotJson, BodyTooLarge, maxBodyBytes, readJsonBody } from "../../src/http/read-body.js";

function requestOf(chunks: readonly (string | Buffer)[], headers: Record<string, string> = {}) {
  const pulled = { chunks: 0 };
  function* pull() {
    for (const chunk of chunks) {
      pulled.chunks++;
      yield Buffer.from(chunk);
    }
  }
  const stream = Readable.from(pull(), { objectMode: true, highWaterMark: 1 });
  const request = Object.assign(stream, { headers: { "content-type": "application/json", ...headers } });
  return { request: request as unknown as IncomingMessage, pulled };
}

describe("reading a JSON body", () => {
  test("whatever its pieces, even where they cut a letter in two", async () => {
    const bytes = Buffer.from('{"sku":"Ä"}');
    const { request } = requestOf([...bytes].map((byte) => Buffer.from([byte])));
    expect(await readJsonBody(request)).toEqual({ sku: "Ä" });
  });

  test.each(["application/json", "application/json; charset=utf-8", "Application/JSON ;x"])(
    "declared as %s",
    async (type) => {
      expect(await readJsonBody(requestOf(["[1]"], { "content-type": type }).request)).toEqual([1]);
    },
  );

  test.each(["text/plain", "application/json-patch+json", "application/x-www-form-urlencoded", ""])(
    "declared as %j it is none",
    async (type) => {
      expect(await readJsonBody(requestOf(["[1]"], { "content-type": type }).request)).toBeUndefined();
    },
  );

  test("an empty body is none", async () => {
    expect(await readJsonBody(requestOf([]).request)).toBeUndefined();
  });

  test("a byte order mark before the JSON is passed over", async () => {
    const { request } = requestOf(["\uFEFF", '{"query":"{ a }"}'], { "content-type": "application/json" });
    expect(await readJsonBody(request)).toEqual({ query: "{ a }" });
  });

  test("what is no JSON is refused", async () => {
    await expect(readJsonBody(requestOf(["{"]).request)).rejects.toBeInstanceOf(BodyNotJson);
  });

  test("the largest body that is taken is taken, one byte more is not", async () => {
    const largest = JSON.stringify("x".repeat(maxBodyBytes - 2));
    expect(await readJsonBody(requestOf([largest]).request)).toHaveLength(maxBodyBytes - 2);
    await expect(readJsonBody(requestOf([largest, " "]).request)).rejects.toBeInstanceOf(BodyTooLarge);
  });

  test("a body that declares itself too large is refused unread", async () => {
    const { request, pulled } = requestOf(["[1]"], { "content-length": String(maxBodyBytes + 1) });
    await expect(readJsonBody(request)).rejects.toBeInstanceOf(BodyTooLarge);
    expect(pulled.chunks).toBe(0);
  });

  test("a body that declares nothing, or lies, is not read on once it is past the limit", async () => {
    const { request, pulled } = requestOf(
      Array.from({ length: 1_000 }, () => "x".repeat(64 * 1024)),
      {
        "content-length": "3",
      },
    );
    await expect(readJsonBody(request)).rejects.toBeInstanceOf(BodyTooLarge);
    expect(pulled.chunks).toBeLessThan(40);
  });
});
