import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { answerList, type FakeDoc, priceOrder } from "./erpnext-fake-order.js";

/** What one site holds: rows by doctype, as Frappe writes them. */
export interface ErpNextBooks {
  version: string;
  /** `key:secret`. */
  token: string;
  timeZone: string;
  docs: Record<string, FakeDoc[]>;
  /** Sent with every answer. */
  headers: Record<string, string>;
  /** Answers in place of the books where it gives something. */
  fault: (method: string, params: Record<string, unknown>) => FakeFault | null;
}

export interface FakeFault {
  readonly status: number;
  readonly text: string;
  readonly headers?: Record<string, string>;
}

export interface FakeErpNext {
  readonly url: URL;
  readonly books: ErpNextBooks;
  readonly asked: { readonly method: string; readonly params: Record<string, unknown> }[];
  /** Most requests that were being answered at one time. */
  readonly mostAtOnce: number;
  stop(): Promise<void>;
}

/**
 * A site of ERPNext as far as the connector asks it, from Frappe's published documentation of its REST API (tokens, `message`,
 * lists with filters), from its published code (statuses by exception, `exc_type` beside tracebacks, the headers of the
 * processing-time limit, `args` until 15 and `ctx` since),.
 */
export async function startFakeErpNext(books: ErpNextBooks): Promise<FakeErpNext> {
  const asked: FakeErpNext["asked"] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer(async (request, response) => {
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.on("close", () => {
      atOnce -= 1;
    });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const method = (request.url ?? "").replace("/api/method/", "");
    const params = JSON.parse(Buffer.concat(chunks).toString() || "{}") as Record<string, unknown>;
    asked.push({ method, params });
    const { status, text, headers } = books.fault(method, params) ?? answer(books, method, params, request.headers);
    response.writeHead(status, { "content-type": "application/json", ...books.headers, ...headers }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    books,
    asked,
    get mostAtOnce() {
      return mostAtOnce;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What Frappe adds to an error, none of which may get out. */
export const traceback =
  'Traceback (most recent call last):\n  File "apps/frappe/frappe/app.py", SELECT secret FROM tabUser';

export function frappeError(status: number, type: string): FakeFault {
  const body = {
    exception: `${type}: ${traceback}`,
    exc_type: type,
    exc: JSON.stringify([traceback]),
    _server_messages: "[]",
  };
  return { status, text: JSON.stringify(body) };
}

function answer(
  books: ErpNextBooks,
  method: string,
  params: Record<string, unknown>,
  headers: Record<string, unknown>,
): FakeFault {
  const said = headers["authorization"];
  if (said !== undefined && said !== `token ${books.token}`) return frappeError(401, "AuthenticationError");
  switch (method) {
    case "version":
      return message(books.version);
    case "frappe.client.get_time_zone":
      return message({ time_zone: books.timeZone });
    case "frappe.auth.get_logged_user":
      return message("gateway@example.com");
    case "frappe.client.get_list":
      return message(answerList(books.docs, params));
    case "erpnext.stock.get_item_details.apply_price_list": {
      const given = params[Number.parseInt(books.version, 10) >= 16 ? "ctx" : "args"];
      // As Python does where a parameter without a default is not given.
      if (typeof given !== "string") return frappeError(500, "TypeError");
      const priced = priceOrder(books.docs, JSON.parse(given) as Record<string, unknown>);
      return priced === null ? frappeError(404, "DoesNotExistError") : message(priced);
    }
    default:
      return frappeError(404, "DoesNotExistError");
  }
}

function message(value: unknown): FakeFault {
  return { status: 200, text: JSON.stringify({ message: value }) };
}
