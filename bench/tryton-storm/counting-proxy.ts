import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "undici";

export interface CountingProxy {
  readonly url: URL;
  /** Requests passed on since the start. */
  readonly calls: number;
  readonly inFlight: number;
  stop(): Promise<void>;
}

/** Passes HTTP on to the ERP and counts it: what each contender asks is counted alike. It holds nothing back. */
export async function startCountingProxy(target: URL): Promise<CountingProxy> {
  const pool = new Pool(target.origin, { pipelining: 1 });
  let [calls, inFlight] = [0, 0];
  const server = createServer(async (request, response) => {
    calls++;
    inFlight++;
    const left = new AbortController();
    response.once("close", () => left.abort());
    try {
      const { method = "GET", url: path = "/" } = request;
      const { "transfer-encoding": _chunked, connection: _kept, ...headers } = request.headers;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks);
      const sent = { path, method: method as "POST", headers, body, signal: left.signal };
      const answer = await pool.request(sent);
      const text = Buffer.from(await answer.body.arrayBuffer());
      const type = answer.headers["content-type"] ?? "application/json";
      response.writeHead(answer.statusCode, { "content-type": type, "content-length": text.length }).end(text);
    } catch {
      response.destroy(); // the client is gone, or the ERP is: no answer either way
    } finally {
      inFlight--;
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    get calls() {
      return calls;
    },
    get inFlight() {
      return inFlight;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await pool.destroy();
    },
  };
}
