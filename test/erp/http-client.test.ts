import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import {
  createErpHttpClient,
  type ErpHttpClient,
  maxResponseBytes,
  parseJson,
  toStatusError,
} from "../../src/erp/http-client.js";
import { createPortClient } from "../../src/erp/port/port-client.js";
import { oneTurn, type Turns } from "../../src/pricing/turns.js";
import { eventually } from "../support/eventually.js";
import { VirtualClock } from "../support/virtual-clock.js";

const running: { server: Server; client: ErpHttpClient }[] = [];

afterEach(async () => {
  for (const { server, client } of running.splice(0)) {
    await client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function start(
  listener: RequestListener,
  path = "",
  timeoutMs = 5_000,
  turns: Turns = oneTurn,
): Promise<ErpHttpClient> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
  const client = createErpHttpClient({ url, connections: 2, timeoutMs, turns });
  running.push({ server, client });
  return client;
}

const never = () => new AbortController().signal;
const get = (client: ErpHttpClient, path = "/", signal = never()) => client.request({ method: "GET", path, signal });

describe("the HTTP client to the ERP", () => {
  test("hands on an answer of more than 64 KiB in a turn of its own, and any other as it comes", async () => {
    const begin: (() => void)[] = [];
    const turns = { ...oneTurn, next: () => new Promise<void>((resolve) => void begin.push(resolve)) };
    const sizes: Readonly<Record<string, number>> = { "/short": 64 * 1024, "/long": 64 * 1024 + 1 };
    const client = await start(
      (request, response) => response.end("x".repeat(sizes[request.url ?? ""] ?? 0)),
      "",
      5_000,
      turns,
    );
    await get(client, "/short");
    expect(begin).toHaveLength(0);
    const long = get(client, "/long");
    await eventually("it waits for its turn", () => begin.length === 1);
    begin[0]?.();
    expect((await long).text).toHaveLength(64 * 1024 + 1);
  });

  test("sends JSON below the path of the ERP's address, and gives the answer whatever its status", async () => {
    let seen: unknown;
    const client = await start(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      const { method, url, headers } = request;
      seen = { method, url, type: headers["content-type"], accept: headers["accept"], key: headers["x-key"], body };
      response.writeHead(418, { "x-said": "so" }).end("short and stout");
    }, "/erp/");
    const answer = await client.request({
      method: "POST",
      path: "/v1/prices?a=b",
      headers: { "x-key": "k" },
      body: { sku: "Ä" },
      signal: never(),
    });
    expect(answer).toMatchObject({ status: 418, text: "short and stout", headers: { "x-said": "so" } });
    expect(seen).toEqual({
      method: "POST",
      url: "/erp/v1/prices?a=b",
      type: "application/json",
      accept: "application/json",
      key: "k",
      body: '{"sku":"Ä"}',
    });
  });

  test("sends a form in the encoding of one, whatever is in its fields", async () => {
    let seen: unknown;
    const client = await start(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      seen = { type: request.headers["content-type"], fields: [...new URLSearchParams(body)] };
      response.end();
    });
    await client.request({ method: "POST", path: "/", form: { secret: "a+b&c=d é" }, signal: never() });
    expect(seen).toEqual({ type: "application/x-www-form-urlencoded", fields: [["secret", "a+b&c=d é"]] });
  });

  test("a call without a body claims no content", async () => {
    let type: string | undefined = "none seen";
    const client = await start((request, response) => {
      type = request.headers["content-type"];
      response.end("{}");
    });
    await get(client);
    expect(type).toBeUndefined();
  });

  test("one slow answer holds up no other, while there is a connection left", async () => {
    let arrived = () => {};
    const isUnderWay = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const client = await start((request, response) => {
      if (request.url === "/quick") response.end("{}");
      else arrived();
    });
    const abort = new AbortController();
    const slow = get(client, "/slow", abort.signal).catch(() => "aborted");
    await isUnderWay;
    expect((await get(client, "/quick")).status).toBe(200);
    abort.abort();
    expect(await slow).toBe("aborted");
  });

  test("a redirect is not followed: the credential goes to the ERP alone", async () => {
    const paths: (string | undefined)[] = [];
    const client = await start((request, response) => {
      paths.push(request.url);
      response.writeHead(302, { location: "/elsewhere" }).end();
    });
    expect((await get(client)).status).toBe(302);
    expect(paths).toEqual(["/"]);
  });

  test("an aborted call is a time-out, and its socket is gone by then", async () => {
    let isGone: Promise<void> = Promise.reject(new Error("never called"));
    isGone.catch(() => {});
    const abort = new AbortController();
    const client = await start((request) => {
      isGone = new Promise((resolve) => request.socket.once("close", () => resolve()));
      abort.abort();
    });
    await expect(get(client, "/", abort.signal)).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
    await isGone;
  });

  test("a call aborted while its answer is being read is a time-out too", async () => {
    const abort = new AbortController();
    const client = await start((_request, response) => {
      response.writeHead(200, { "content-length": "100" }).write("begun", () => abort.abort());
    });
    await expect(get(client, "/", abort.signal)).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
  });

  test("an ERP that takes the call and keeps silent for too long is a time-out", async () => {
    const client = await start(() => {}, "", 50);
    await expect(get(client)).rejects.toMatchObject({ code: "ERP_TIMEOUT" });
  });

  test.each([
    ["hangs up at once", (socket: { destroy(): void }) => socket.destroy(), null],
    ["hangs up amid its answer", null, "begun"],
  ])("an ERP that %s cannot be reached", async (_what, onRequest, begun) => {
    const client = await start((request, response) => {
      if (onRequest) onRequest(request.socket);
      else response.writeHead(200, { "content-length": "100" }).write(begun, () => request.socket.destroy());
    });
    await expect(get(client)).rejects.toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: true });
  });

  test("an address where nobody listens cannot be reached", async () => {
    const client = await start(() => {});
    const { server } = running[0] as (typeof running)[0];
    await new Promise((resolve) => server.close(resolve));
    await expect(get(client)).rejects.toMatchObject({ code: "ERP_UNAVAILABLE" });
  });

  test("an answer without end is cut off at the largest that is read, and is a bad one", async () => {
    const chunk = Buffer.alloc(1024 * 1024, " ");
    const client = await start((_request, response) => {
      const write = () => {
        while (!response.destroyed && response.write(chunk));
        response.once("drain", write);
      };
      write();
    });
    const refused = await get(client).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "ERP_BAD_ANSWER" });
    expect(String(refused)).toContain(String(maxResponseBytes));
  });

  test("what a client is told of it never names the ERP's address", async () => {
    const client = await start((request) => request.socket.destroy());
    const error = await get(client).catch((thrown: { clientMessage: string }) => thrown);
    expect((error as { clientMessage: string }).clientMessage).toBe("The ERP cannot be asked at present.");
  });
});

describe("what a status means", () => {
  const now = Date.UTC(2026, 10, 24, 9, 30);
  const errorOf = (status: number, headers = {}) => toStatusError({ status, headers, text: "" }, now);

  test.each([
    [401, "ERP_UNAVAILABLE", false],
    [403, "ERP_UNAVAILABLE", false],
    [429, "ERP_OVERLOADED", false],
    [503, "ERP_OVERLOADED", true],
    [500, "ERP_UNAVAILABLE", true],
    [502, "ERP_UNAVAILABLE", true],
    [504, "ERP_UNAVAILABLE", true],
    [302, "ERP_BAD_ANSWER", false],
    [400, "ERP_BAD_ANSWER", false],
    [404, "ERP_BAD_ANSWER", false],
    [422, "ERP_BAD_ANSWER", false],
  ])("%i is %s; a failure of the ERP's: %s", (status, code, countsAsFailure) => {
    expect(errorOf(status)).toMatchObject({ code, countsAsFailure });
  });

  test.each([
    ["7", 7],
    [" 7 ", 7],
    ["0", 0],
    ["Tue, 24 Nov 2026 09:30:20 GMT", 20],
    ["Tue, 24 Nov 2026 09:00:00 GMT", 0],
    ["999999999", 3600],
    ["soon", 1],
    ["-5", 0],
  ])("Retry-After: %s makes %i seconds", (value, seconds) => {
    for (const status of [429, 503]) {
      expect(errorOf(status, { "retry-after": value })).toMatchObject({ retryAfterSeconds: seconds });
    }
  });

  test("without Retry-After a second is waited", () => {
    expect(errorOf(503).retryAfterSeconds).toBe(1);
  });

  test("text that is no JSON is a bad answer", () => {
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
    expect(() => parseJson("<html>")).toThrow(expect.objectContaining({ code: "ERP_BAD_ANSWER" }));
  });

  test("text that is no JSON is quoted nowhere in the error, since an ERP may have put anything in it", () => {
    const text = "secret pw";
    expect(() => JSON.parse(text)).toThrow(/secret/); // Node's own error does quote it
    const error = (() => {
      try {
        return parseJson(text);
      } catch (caught) {
        return caught as Error;
      }
    })();
    expect(inspect(error)).toContain("not JSON");
    expect(inspect(error)).not.toContain("secret");
  });
});

describe("the client to the port", () => {
  const answering = (status: number, text: string, seen: (authorization?: string) => void = () => {}) =>
    start((request, response) => {
      seen(request.headers.authorization);
      response.writeHead(status).end(text);
    });
  const clock = new VirtualClock();

  test("carries the ERP's token, or none where it asks for none", async () => {
    const seen: (string | undefined)[] = [];
    const http = await answering(200, "{}", (authorization) => seen.push(authorization));
    await createPortClient(http, "t0ken", clock).get("/", never());
    await createPortClient(http, null, clock).post("/", {}, never());
    expect(seen).toEqual(["Bearer t0ken", undefined]);
  });

  test("a 404 is null to who reads one thing, and an error to who asks many", async () => {
    const client = createPortClient(await answering(404, "{}"), null, clock);
    expect(await client.get("/", never())).toBeNull();
    await expect(client.post("/", {}, never())).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
    await expect(client.ping("/", never())).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
  });

  test.each([
    [500, "ERP_UNAVAILABLE"],
    [299, null],
    [300, "ERP_BAD_ANSWER"],
  ])("status %i is %s to all three ways of asking", async (status, code) => {
    const client = createPortClient(await answering(status, "{}"), null, clock);
    for (const ask of [client.get("/", never()), client.post("/", {}, never()), client.ping("/", never())]) {
      const met = await ask.then(
        () => null,
        (error: { code: string }) => error.code,
      );
      expect(met).toBe(code);
    }
  });

  test("an answer that is no JSON is a bad one, but a ping reads none", async () => {
    const client = createPortClient(await answering(200, "<html>"), null, clock);
    await expect(client.get("/", never())).rejects.toMatchObject({ code: "ERP_BAD_ANSWER" });
    await client.ping("/", never());
  });
});
