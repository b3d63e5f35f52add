import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import type { FeedRecord } from "../../../src/feed/formats/feed-record.js";
import { recordOf } from "../../feed/formats/record-samples.js";

export interface Refusal {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What one request meets: "whole", a cut after so many bytes, a refusal, or an error line after so many pages. */
export type Fate = "whole" | { readonly cutAfter: number } | Refusal | { readonly errorAfterPages: number };

/** `/feeds/ndjson` over real HTTP, telling what a test puts into it, and failing as it says. */
export class FakeGateway {
  /** In their order. */
  records: FeedRecord[] = [];
  /** What a delta tells, by its `changedSince`; another one is lost. */
  readonly deltas = new Map<string, readonly FeedRecord[]>();
  pageSize = 3;
  deltaCursor = "d1";
  /** What the next requests meet, in turn; "whole" once there are none. */
  fates: Fate[] = [];
  /** Nothing is answered before. */
  gate: Promise<void> = Promise.resolve();
  /** Between two pages, in ms. */
  pageMs = 0;
  /** Query strings and tokens, as they came. */
  readonly asked: { readonly search: URLSearchParams; readonly authorization: string | undefined }[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<FakeGateway> {
    const gateway = new FakeGateway();
    await new Promise<void>((resolve) => gateway.#server.listen(0, "127.0.0.1", resolve));
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  fill(count: number): void {
    this.records = Array.from({ length: count }, (_, index) => recordOf({ sku: `SKU-${index}` }));
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: search } = new URL(request.url ?? "", "http://localhost");
    if (pathname !== "/feeds/ndjson") return refuse(response, { status: 404 });
    this.asked.push({ search, authorization: request.headers.authorization });
    await this.gate;
    const fate = this.fates.shift() ?? "whole";
    if (typeof fate === "object" && "status" in fate) return refuse(response, fate);
    const pages = this.#pagesOf(search);
    if (pages === null) return refuse(response, lost);
    response.writeHead(200, {
      "content-type": "application/x-ndjson",
      ...(request.headers["accept-encoding"] === "gzip" ? { "content-encoding": "gzip" } : {}),
    });
    await this.#send(pages, fate, request, response);
  }

  async #send(pages: readonly string[], fate: Fate, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let left = typeof fate === "object" && "cutAfter" in fate ? fate.cutAfter : Number.POSITIVE_INFINITY;
    const mostPages = typeof fate === "object" && "errorAfterPages" in fate ? fate.errorAfterPages : pages.length;
    const encode = (text: string) =>
      request.headers["accept-encoding"] === "gzip" ? gzipSync(text) : Buffer.from(text);
    for (const page of pages.slice(0, mostPages)) {
      const bytes = encode(page);
      response.write(bytes.subarray(0, left));
      left -= bytes.byteLength;
      // What was sent first arrives: a connection is not torn down before.
      if (left <= 0) return void setTimeout(() => response.destroy(), 5);
      if (this.pageMs > 0) await new Promise((resolve) => setTimeout(resolve, this.pageMs));
    }
    const error = { code: "ERP_UNAVAILABLE", message: "The ERP cannot be asked at present.", retryAfterSeconds: 1 };
    response.end(mostPages < pages.length ? encode(`${JSON.stringify({ error })}\n`) : "");
  }

  #pagesOf(search: URLSearchParams): string[] | null {
    const since = search.get("changedSince");
    const records = since === null ? this.records : this.deltas.get(since);
    const [, from = "0"] = /^c(\d+)$/.exec(search.get("after") ?? "c0") ?? [null, null];
    if (records === undefined || from === null) return null;
    const pages: string[] = [];
    for (let at = Number(from); ; at += this.pageSize) {
      const items = records.slice(at, at + this.pageSize);
      const hasNextPage = at + this.pageSize < records.length;
      const cursor = {
        endCursor: `c${at + items.length}`,
        hasNextPage,
        deltaCursor: hasNextPage ? null : this.deltaCursor,
      };
      pages.push([...items, cursor].map((line) => `${JSON.stringify(line)}\n`).join(""));
      if (!hasNextPage) return pages;
    }
  }
}

const lost: Refusal = {
  status: 400,
  body: { errors: [{ message: "It is lost.", extensions: { code: "BAD_USER_INPUT", reason: "CURSOR_LOST" } }] },
};

function refuse(response: ServerResponse, { status, body = {}, headers = {} }: Refusal): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
