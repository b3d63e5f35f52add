import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Answer, json, problem, sendAnswer } from "./port-answers.js";

/** What the ERP port's contract calls a priced line, less what identifies it. */
export interface FakePrice {
  readonly unitPrice: string;
  readonly currency?: string;
  readonly taxBasis?: "net" | "gross";
  readonly taxRate?: string;
  readonly unit?: string;
  readonly priceUnit?: string;
  readonly minimumQuantity?: string;
  readonly quantityIncrement?: string;
  readonly tiers?: readonly { readonly from: string; readonly unitPrice: string }[];
  readonly priceList?: string;
  readonly validUntil?: string;
}

export interface FakeStock {
  readonly warehouses: Readonly<Record<string, string>>;
  readonly backorder?: boolean;
  readonly restockDate?: string;
  readonly leadTimeDays?: number;
}

export interface FakeCustomer {
  readonly name?: string;
  readonly currency?: string;
  readonly priceScope?: string;
  readonly paymentTerms?: string;
  readonly creditLimit?: string;
  readonly creditAvailable?: string;
  readonly blocked?: boolean;
}

export interface AskedLine {
  readonly ref: string;
  readonly customer: string | null;
  readonly sku: string;
  readonly quantity: string;
  readonly currency?: string;
}

export type CallKind = "price" | "stock" | "customer" | "other";

export interface RecordedCall {
  readonly kind: CallKind;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  /** Of a price call; empty for the others. */
  readonly lines: readonly AskedLine[];
  /** Of a stock call; empty for the others. */
  readonly skus: readonly string[];
  /** Calls under way when this one had come, itself included. */
  readonly inFlight: number;
}

/** Decides the answer to a call in place of the book. `regular` is what the book says. */
export type Hook = (call: RecordedCall, regular: Answer) => Answer | Promise<Answer>;
/** Decides one answered line or item; null drops it, a list puts several in its place. */
export type LineHook = (line: Record<string, unknown>) => unknown;

/**
 * A programmable ERP behind the ERP port, over real HTTP on the loopback. It answers from plain tables, unless a hook
 * says otherwise, and remembers every call.
 */
export class PortFake {
  /** By `${scope}|${sku}`, where the scope is empty for the public, else a price scope or a customer's code. */
  readonly prices = new Map<string, FakePrice>();
  readonly stock = new Map<string, FakeStock>();
  readonly customers = new Map<string, FakeCustomer>();
  calls: RecordedCall[] = [];
  inFlight = 0;
  peakInFlight = 0;
  /** Calls that it has not decided the answer of, those included whose caller has gone: an ERP works on all the same. */
  atWork = 0;
  peakAtWork = 0;
  /** Calls whose caller went while it was at work at them. */
  deserted = 0;
  /** Where it listens. */
  port = 0;
  readonly #hooks = new Map<CallKind, Hook>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(): Promise<PortFake> {
    const fake = new PortFake();
    await fake.listen();
    return fake;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** At a free port, or after {@link stop} at the one it had. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.port, "127.0.0.1", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Answers every call of a kind by the hook, until {@link behave}. */
  answer(kind: CallKind, hook: Hook): void {
    this.#hooks.set(kind, hook);
  }

  /** Answers by the book but for the lines of price calls, or the items of stock calls, that the hook changes. */
  answerLines(kind: "price" | "stock", hook: LineHook): void {
    const list = kind === "price" ? "lines" : "items";
    this.answer(kind, (_call, regular) => {
      if (regular.kind !== "json") return regular;
      const lines = (regular.body as Record<string, Record<string, unknown>[]>)[list] ?? [];
      return json({ [list]: lines.flatMap((line) => hook(line) ?? []) });
    });
  }

  /** Back to the book, and nothing remembered. */
  behave(): void {
    this.#hooks.clear();
    this.forgetCalls();
  }

  forgetCalls(): void {
    this.calls = [];
    this.peakInFlight = this.inFlight;
    this.peakAtWork = this.atWork;
    this.deserted = 0;
  }

  count(kind: CallKind): number {
    return this.calls.filter((call) => call.kind === kind).length;
  }

  /** The public price is the fallback, as in most ERPs. */
  priceOf(customer: string | null, sku: string): FakePrice | undefined {
    const scope = customer === null ? "" : (this.customers.get(customer)?.priceScope ?? customer);
    return this.prices.get(`${scope}|${sku}`) ?? this.prices.get(`|${sku}`);
  }

  /** Ends every connection; from now on none can be opened. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.inFlight += 1;
    this.peakInFlight = Math.max(this.peakInFlight, this.inFlight);
    let isAtWork = true;
    response.once("close", () => {
      this.inFlight -= 1;
      if (isAtWork) this.deserted += 1;
    });
    this.atWork += 1;
    this.peakAtWork = Math.max(this.peakAtWork, this.atWork);
    const answer = await this.#answerTo(request).finally(() => {
      isAtWork = false;
      this.atWork -= 1;
    });
    if (answer !== null) sendAnswer(response, answer);
  }

  /** @returns null where the caller went before it had said what it asks */
  async #answerTo(request: IncomingMessage): Promise<Answer | null> {
    const call = await this.#record(request).catch((error: unknown) => {
      if (request.destroyed) return null;
      throw error;
    });
    if (call === null) return null;
    this.calls.push(call);
    const regular = this.#regular(call);
    const hook = this.#hooks.get(call.kind);
    return hook === undefined ? regular : hook(call, regular);
  }

  async #record(request: IncomingMessage): Promise<RecordedCall> {
    const { inFlight } = this;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const body = (text === "" ? {} : JSON.parse(text)) as { lines?: AskedLine[]; skus?: string[] };
    const path = request.url ?? "";
    return {
      kind: kindOf(path),
      method: request.method ?? "",
      path,
      headers: request.headers,
      lines: body.lines ?? [],
      skus: body.skus ?? [],
      inFlight,
    };
  }

  #regular(call: RecordedCall): Answer {
    switch (call.kind) {
      case "price":
        return json({ lines: call.lines.map((line) => this.#priceLine(line)) });
      case "stock":
        return json({ items: call.skus.map((sku) => this.#stockItem(sku)) });
      case "customer":
        return this.#customer(decodeURIComponent(call.path.split("/").at(-1) ?? ""));
      case "other":
        return call.path === "/v1/health" ? json({}) : problem(404);
    }
  }

  #priceLine({ ref, customer, sku, quantity, currency }: AskedLine): Record<string, unknown> {
    const echo = { ref, customer, sku };
    if (customer !== null && !this.customers.has(customer)) return { ...echo, status: "unknown-customer" };
    const price = this.priceOf(customer, sku);
    if (price === undefined) return { ...echo, status: "unknown" };
    const ownCurrency = customer === null ? undefined : this.customers.get(customer)?.currency;
    const defaults = { currency: currency ?? ownCurrency ?? "EUR", taxBasis: "net" };
    // An ERP without ladders tells the price at the asked quantity alone; which one it was can be seen in the unit.
    const perQuantity = price.unit === "single" ? { unit: `at ${quantity}` } : {};
    return { ...echo, status: "priced", ...defaults, ...price, ...perQuantity };
  }

  #stockItem(sku: string): Record<string, unknown> {
    const stock = this.stock.get(sku);
    if (stock === undefined) return { sku, status: "unknown" };
    const warehouses = Object.entries(stock.warehouses).map(([code, available]) => ({ code, available }));
    return { sku, status: "found", ...stock, warehouses };
  }

  #customer(code: string): Answer {
    const customer = this.customers.get(code);
    return customer === undefined ? problem(404) : json({ code, ...customer });
  }
}

function kindOf(path: string): CallKind {
  if (path === "/v1/prices") return "price";
  if (path === "/v1/stock") return "stock";
  return path.startsWith("/v1/customers/") ? "customer" : "other";
}
