import type { IncomingMessage, ServerResponse } from "node:http";
import { type Contender, type CreateListener, inOwnProcess } from "../contender.js";

/** What a server that knows nothing of GraphQL, customers or freshness must do for the same bytes. */
export const floor: Contender = inOwnProcess(
  import.meta.url,
  "floor",
  "bare node:http: parses the body, reads the objects from a Map, sends `JSON.stringify` of them",
);

export const createListener: CreateListener = (products) => {
  const bySku = new Map(products.map((product) => [product.sku, product]));

  function answer(text: string, response: ServerResponse): void {
    const { variables } = JSON.parse(text) as { variables: { skus: string[] } };
    const body = JSON.stringify({ data: { products: variables.skus.map((sku) => bySku.get(sku) ?? null) } });
    response.writeHead(200, {
      "content-type": "application/json; charset=utf-8",
      "content-length": Buffer.byteLength(body),
    });
    response.end(body);
  }

  return (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => answer(Buffer.concat(chunks).toString("utf8"), response));
  };
};
