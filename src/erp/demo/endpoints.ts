import type { Books } from "./books.js";
import type { PathName } from "./call-stats.js";
import { parseLimit, parsePriceRequest, parseStockRequest } from "./port-requests.js";
import { notFound, shown } from "./problem.js";
import { readProductPage } from "./product-page.js";

/** A request that was understood, ready to be answered once a worker is free. */
export interface Prepared {
  /** The SKUs it names. */
  readonly skus: readonly string[];
  /** @throws {PortProblem} */
  answer(): unknown;
}

export interface PortRequest {
  /** What stands in the path for `{code}`, decoded; "" elsewhere. */
  readonly code: string;
  readonly query: URLSearchParams;
  /** Of a POST, as parsed from JSON. */
  readonly body: unknown;
}

export interface Endpoint {
  readonly method: "GET" | "POST";
  readonly path: PathName;
  /** @throws {PortProblem} */
  prepare(request: PortRequest): Prepared;
}

/** @param reorder puts the lines of an answer in another order, which the port allows */
export function createEndpoints(books: Books, reorder: <Line>(lines: Line[]) => Line[]): Endpoint[] {
  return [
    { method: "POST", path: "/v1/prices", prepare: ({ body }) => preparePrices(books, body, reorder) },
    { method: "POST", path: "/v1/stock", prepare: ({ body }) => prepareStock(books, body, reorder) },
    { method: "GET", path: "/v1/customers/{code}", prepare: ({ code }) => prepareCustomer(books, code) },
    { method: "GET", path: "/v1/products", prepare: ({ query }) => prepareProducts(books, query) },
    { method: "GET", path: "/v1/changes", prepare: ({ query }) => prepareChanges(books, query) },
    { method: "GET", path: "/v1/health", prepare: () => ({ skus: [], answer: () => ({ status: "ok" }) }) },
  ];
}

type Reorder = Parameters<typeof createEndpoints>[1];

function preparePrices({ prices }: Books, body: unknown, reorder: Reorder): Prepared {
  const questions = parsePriceRequest(body);
  return {
    skus: questions.map(({ sku }) => sku),
    answer: () => ({ lines: reorder(questions.map((question) => prices.answer(question))) }),
  };
}

function prepareStock({ stock }: Books, body: unknown, reorder: Reorder): Prepared {
  const { skus, warehouses } = parseStockRequest(body);
  return { skus, answer: () => ({ items: reorder(skus.map((sku) => stock.itemOf(sku, warehouses))) }) };
}

function prepareCustomer({ customers }: Books, code: string): Prepared {
  return {
    skus: [],
    answer() {
      const record = customers.find(code);
      if (record === null) throw notFound(`no customer ${shown(code)}`);
      return record;
    },
  };
}

function prepareProducts({ catalogue }: Books, query: URLSearchParams): Prepared {
  const { skus, next } = readProductPage(catalogue, query);
  return { skus: [], answer: () => ({ skus, next }) };
}

function prepareChanges({ changes }: Books, query: URLSearchParams): Prepared {
  const limit = parseLimit(query);
  return { skus: [], answer: () => changes.read(query.get("since"), limit) };
}
