import { createServer, request as forward, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { GatewayProcess } from "./gateway-process.js";
import { PortFake } from "./port-fake.js";

/** A question as it came from the shop. */
export interface Question {
  /** `sub` of the token; null for the public. */
  readonly customer: string | null;
  readonly scope: string | null;
}

/**
 * A gateway of the test's own at the address that a real shop asks, before an ERP that prices and stocks whatever it is asked
 * for: what a shop's catalogue holds need not be known. It counts the shop's questions, and can be dead.
 */
export class AnyShopGateway {
  /** Questions since the last {@link forget}. */
  questions: Question[] = [];
  isDead = false;
  readonly #erp: PortFake;
  readonly #gateway: GatewayProcess;
  readonly #server: Server;

  private constructor(erp: PortFake, gateway: GatewayProcess) {
    this.#erp = erp;
    this.#gateway = gateway;
    this.#server = createServer((request, response) => void this.#pass(request, response));
  }

  /** @param address where the shop's module asks, on this machine. @param secret of the key `shop-1` */
  static async start(address: URL, secret: string): Promise<AnyShopGateway> {
    const erp = await PortFake.start();
    erp.answerLines("price", (line) => (line["status"] === "unknown" ? { ...line, ...priced(line) } : line));
    erp.answerLines("stock", (item) => (item["status"] === "unknown" ? { ...item, ...plenty } : item));
    const gateway = await GatewayProcess.start({
      ERP_CONNECTOR: "port",
      ERP_URL: erp.url,
      AUTH_SECRETS: `shop-1:${secret}`,
      // What a test moves must not wait for pages to hear of it; the order asks anew in any case.
      PRICE_FRESH_SECONDS: "1",
      STOCK_FRESH_SECONDS: "1",
    });
    const self = new AnyShopGateway(erp, gateway);
    await new Promise<void>((resolve, reject) => {
      self.#server.once("error", reject).listen(Number(address.port), address.hostname, resolve);
    });
    return self;
  }

  knows(customer: string): void {
    this.#erp.customers.set(customer, { currency: "EUR" });
  }

  /** @returns net, in hundredths of a euro, of a piece at a quantity */
  netCents(customer: string, sku: string, quantity = 1): number {
    const price = this.#erp.prices.get(`${customer}|${sku}`) ?? ladder(customer, sku);
    const tier = (price.tiers ?? []).filter(({ from }) => Number(from) <= quantity).at(-1);
    return Math.round(Number((tier ?? price).unitPrice) * 100);
  }

  setNet(customer: string, sku: string, unitPrice: string): void {
    this.#erp.prices.set(`${customer}|${sku}`, { unitPrice });
  }

  setStock(sku: string, available: string): void {
    this.#erp.stock.set(sku, { warehouses: { main: available } });
  }

  /** As at the start, but for the customers. */
  reset(): void {
    this.isDead = false;
    this.#erp.prices.clear();
    this.#erp.stock.clear();
    this.forget();
  }

  forget(): void {
    this.questions = [];
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.#gateway.stop();
    await this.#erp.stop();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    const question = asker(request.headers.authorization);
    this.questions.push(question);
    // Before the first question: an unknown customer would be remembered as such for a while.
    if (question.customer !== null) this.knows(question.customer);
    if (this.isDead) {
      request.socket.destroy();
      return;
    }
    const to = new URL(request.url ?? "", this.#gateway.url);
    const headers = { ...request.headers, host: to.host };
    forward(to, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    })
      .on("error", () => response.destroy())
      .end(Buffer.concat(body));
  }
}

const plenty = { status: "found", warehouses: [{ code: "main", available: "500" }] };

function priced({ customer, sku }: Record<string, unknown>): Record<string, unknown> {
  const prices = ladder(typeof customer === "string" ? customer : "", String(sku));
  return { status: "priced", currency: "EUR", taxBasis: "net", ...prices };
}

/** Another price for every customer and SKU, and a lower one from five pieces on. */
function ladder(customer: string, sku: string): { unitPrice: string; tiers: { from: string; unitPrice: string }[] } {
  const cents = 1000 + (hash(`${customer}|${sku}`) % 9000);
  const [one, five] = [cents, cents - 150].map((amount) => (amount / 100).toFixed(2)) as [string, string];
  return {
    unitPrice: one,
    tiers: [
      { from: "1", unitPrice: one },
      { from: "5", unitPrice: five },
    ],
  };
}

function hash(text: string): number {
  return [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_003, 7);
}

function asker(authorization: string | undefined): Question {
  const payload = authorization?.split(".")[1];
  if (payload === undefined) return { customer: null, scope: null };
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as { sub?: string; scope?: string };
  return { customer: claims.sub ?? null, scope: claims.scope ?? null };
}
