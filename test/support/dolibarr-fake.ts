import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { answerList, type FakeRow, looksLikeAttack, type Reply, restlerError } from "./dolibarr-fake-filter.js";

/** What one Dolibarr holds. Rows are as its API writes them: numbers as text. */
export interface DolibarrBooks {
  version: string;
  apiKey: string;
  products: FakeRow[];
  thirdParties: FakeRow[];
  warehouses: FakeRow[];
  paymentTerms: FakeRow[];
  /** By `product id/third party id`; null where "prices by customer" is off. */
  customerPrices: Map<string, FakeRow[]> | null;
  /** Whether "prices by level" alone is on: one of both by customer and level leaves it off, though products come with levels. */
  levelsAlone: boolean;
  /** What is billed and not paid, by third party id. */
  outstanding: Map<string, number>;
  /** Answers in place of the books where it gives something. */
  fault: (url: URL) => { status: number; text: string; headers?: Record<string, string> } | "hang" | null;
}

export interface FakeDolibarr {
  readonly url: URL;
  readonly books: DolibarrBooks;
  /** Path and query of each request, decoded. */
  readonly asked: string[];
  /** Most requests that were being answered at one time. */
  readonly mostAtOnce: number;
  stop(): Promise<void>;
}

/**
 * Dolibarr's REST API as far as the connector asks it. Seen with 18 and 22: the list's 404 or [] where nothing
 * matches, `in` that fails on 18, text for numbers, warehouse ids as keys, 404 and 400 of the other prices, the leaked `db`,
 * 503 with SQL. Read in its published code: the filter language, the firewall, and Restler's form of an error.
 */
export async function startFakeDolibarr(books: DolibarrBooks): Promise<FakeDolibarr> {
  const asked: string[] = [];
  let atOnce = 0;
  let mostAtOnce = 0;
  const server = createServer((request, response) => {
    atOnce += 1;
    mostAtOnce = Math.max(mostAtOnce, atOnce);
    response.on("close", () => {
      atOnce -= 1;
    });
    const url = new URL(request.url ?? "/", "http://fake");
    asked.push(decodeURIComponent(url.pathname + url.search));
    // A turn later, so that requests that come together are seen together.
    setImmediate(() => answer(books, request, url, response));
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

function answer(books: DolibarrBooks, request: IncomingMessage, url: URL, response: ServerResponse): void {
  const fault = books.fault(url);
  if (fault === "hang") return;
  if (fault !== null) {
    response.writeHead(fault.status, fault.headers).end(fault.text);
    return;
  }
  if (looksLikeAttack(decodeURIComponent(url.search))) {
    // Seen: 18 refuses with 200.
    const status = Number.parseInt(books.version, 10) < 20 ? 200 : 403;
    response.writeHead(status, { "content-type": "text/html; charset=UTF-8" }).end(refusal);
    return;
  }
  const { status, body } = request.headers["dolapikey"] === books.apiKey ? route(books, url) : unauthorized;
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

const refusal = "Access refused to 127.0.0.1 by SQL or Script injection protection in main.inc.php - GETPOST type=1";

const unauthorized = restlerError(401, "Unauthorized: Access not allowed");

function route(books: DolibarrBooks, { pathname, searchParams }: URL): Reply {
  const path = pathname.replace(/^\/api\/index\.php/, "");
  const major = Number.parseInt(books.version, 10);
  const lists: Record<string, FakeRow[]> = {
    "/products": books.products,
    "/thirdparties": books.thirdParties,
    "/warehouses": books.warehouses,
    "/setup/dictionary/payment_terms": books.paymentTerms,
  };
  const rows = lists[path];
  if (rows !== undefined)
    return answerList(rows, { query: searchParams, major, nothingIs404: major < 20 || path === "/thirdparties" });
  if (path === "/status") return found({ success: { code: 200, dolibarr_version: books.version, access_locked: "0" } });
  const outstanding = /^\/thirdparties\/(\d+)\/outstandinginvoices$/.exec(path);
  if (outstanding !== null) return found({ opened: books.outstanding.get(outstanding[1] as string) ?? 0, refs: [] });
  const [, product, kind] = /^\/products\/(\d+)\/selling_multiprices\/(per_customer|per_segment)$/.exec(path) ?? [];
  if (product === undefined) return restlerError(404, "Not Found");
  return kind === "per_segment"
    ? byLevel(books, product)
    : ofCustomer(books, product, searchParams.get("thirdparty_id") ?? "", major);
}

function found(body: unknown): Reply {
  return { status: 200, body };
}

const modeOff = restlerError(400, "Bad Request: API not available: this mode of pricing is not enabled by setup");

function byLevel({ levelsAlone, products }: DolibarrBooks, product: string): Reply {
  if (!levelsAlone) return modeOff;
  return found({ multiprices: products.find(({ id }) => id === product)?.["multiprices"] });
}

function ofCustomer({ customerPrices }: DolibarrBooks, product: string, party: string, major: number): Reply {
  if (customerPrices === null) return modeOff;
  const rows = customerPrices.get(`${product}/${party}`) ?? [];
  if (rows.length === 0) return restlerError(404, "Not Found: Prices not found");
  return found(major >= 22 ? rows.map((row) => ({ ...row, db: leakedDb })) : rows);
}

/** As 22 sends along, with other values. */
export const leakedDb = {
  database_host: "db.internal.example",
  database_user: "dolibarr-user",
  database_pass: "s3cr3t-of-the-database",
  lastqueryerror: "SELECT t.price FROM llx_product_customer_price as t",
};
