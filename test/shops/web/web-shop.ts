import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A shop that sends the same bytes to everybody, as from a full-page cache, and names the caller at /session. */
export class WebShop {
  /** Where the page says that the gateway is. */
  gateway = "";
  /** What /session answers; null as with the shop's server failing. */
  session: unknown = { token: null };
  elements = "";
  readonly #server: Server;

  private constructor(script: string) {
    this.#server = createServer((request, response) => {
      if (request.url === "/pricelane.js") return response.setHeader("content-type", "text/javascript").end(script);
      if (request.url === "/session") {
        response.statusCode = this.session === null ? 503 : 200;
        return response.setHeader("cache-control", "no-store").end(JSON.stringify(this.session));
      }
      if (request.url !== "/") return response.writeHead(204).end();
      response.setHeader("content-type", "text/html; charset=utf-8");
      response.setHeader("content-security-policy", `default-src 'self'; connect-src 'self' ${this.gateway}`);
      return response.end(this.#page());
    });
  }

  static async start(script: string): Promise<WebShop> {
    const shop = new WebShop(script);
    await new Promise<void>((resolve) => shop.#server.listen(0, "127.0.0.1", resolve));
    return shop;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #page(): string {
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Shop</title>
<meta name="pricelane-gateway" content="${this.gateway}/graphql"><meta name="pricelane-session" content="/session">
<script type="module" src="/pricelane.js"></script></head><body><main><h1>Shop</h1>${this.elements}</main></body></html>`;
  }
}
