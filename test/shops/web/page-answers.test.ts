import { beforeEach, describe, expect, test } from "vitest";
import type { Price, Stock } from "../../../shops/web/src/answer.js";
import { PageAnswers, type Shown, type Watcher } from "../../../shops/web/src/page-answers.js";
import type { Topic } from "../../../shops/web/src/query.js";
import { type Caller, Session } from "../../../shops/web/src/session.js";
import { settle, VirtualClock } from "../../support/virtual-clock.js";

const price: Topic = { name: "price", selection: "(quantity:$q){audience}" };
const stock: Topic = { name: "stock", selection: "{status}" };
const freshness = { computedAt: "2026-11-24T09:30:00Z", staleReason: null };

/** An element without a browser, that keeps what it was told to show. */
class Element implements Watcher {
  readonly shown: Shown[] = [];
  readonly quantity: string;
  constructor(
    readonly sku: string,
    readonly topic = price,
    readonly text = "",
  ) {
    this.quantity = topic === price ? "1" : "";
  }
  keepsText(caller: Caller | null, hasFailed: boolean): boolean {
    return this.text !== "" && (this.topic === price ? !caller?.token : hasFailed);
  }
  show(shown: Shown): void {
    if (shown.kind === "price" && shown.price.net.currency === "bad") throw new RangeError("invalid currency");
    this.shown.push(shown);
  }
  get kinds(): string[] {
    return this.shown.map(({ kind }) => kind);
  }
}

interface Asked {
  readonly url: string;
  readonly query: string;
  readonly variables: Record<string, string[]>;
  readonly authorization: string | undefined;
}

describe("the answers of one page", () => {
  let clock: VirtualClock;
  let asked: Asked[];
  let reply: (asked: Asked) => Response | Promise<Response>;
  let caller: { sub: string; token: string } | null;
  let session: Session;
  let page: PageAnswers;
  let announced: boolean[];

  const priceOf = (sku: string, currency = "EUR"): Price =>
    ({ audience: caller ? "CUSTOMER" : "PUBLIC", net: { amount: `1.${sku.length}`, currency }, freshness }) as Price;
  const inStock = { status: "IN_STOCK", available: null, freshness } as Stock;
  /** As the gateway: each root's products, in the order asked. */
  const regular = ({ query, variables }: Asked): Response => {
    const roots = Object.entries(variables)
      .filter(([name]) => name.startsWith("s"))
      .map(([name, skus]) => {
        const isStock = query.includes(`$${name}){sku stock`);
        return [
          `r${name.slice(1)}`,
          skus.map((sku) => ({ sku, ...(isStock ? { stock: inStock } : { price: priceOf(sku) }) })),
        ];
      });
    return Response.json({ data: Object.fromEntries(roots) });
  };

  beforeEach(() => {
    clock = new VirtualClock();
    asked = [];
    announced = [];
    reply = regular;
    caller = { sub: "C1", token: "token" };
    const after = (ms: number, run: () => void) => clock.after(ms, run);
    session = new Session({
      endpoint: "/session",
      fetch: async () => Response.json({ ...(caller ?? { token: null }), expiresAt: clock.now() / 1000 + 300 }),
      now: () => clock.now(),
      after,
      onOtherCaller: () => page.restart(),
    });
    const fetch = async (url: string, init: RequestInit) => {
      const { searchParams } = new URL(url);
      const { query, variables } =
        init.method === "POST"
          ? JSON.parse(String(init.body))
          : { query: searchParams.get("query"), variables: JSON.parse(searchParams.get("variables") ?? "{}") };
      const headers = init.headers as Record<string, string> | undefined;
      const question = { url, query, variables, authorization: headers?.["authorization"] };
      asked.push(question);
      const gone = new Promise<Response>((_, reject) => {
        init.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
      return Promise.race([gone, reply(question)]);
    };
    page = new PageAnswers({
      transport: { url: "http://gateway/graphql", fetch, after },
      visitor: session,
      after,
      random: () => 0,
      announce: (isOwn) => announced.push(isOwn),
    });
  });

  test("price and stock of all elements are asked in one request, each SKU once", async () => {
    const elements = ["A", "B", "A"].flatMap((sku) => [new Element(sku), new Element(sku, stock)]);
    for (const element of elements) page.add(element);
    await clock.advance(16);
    expect(asked.map(({ variables }) => variables)).toEqual([{ s0: ["A", "B"], q0: "1", s1: ["A", "B"] }]);
    expect(elements.map(({ kinds }) => kinds.at(-1))).toEqual(["price", "stock", "price", "stock", "price", "stock"]);
  });

  test("the stock and price of 200 SKUs are one request; what is more goes into another, and no list is longer than 200", async () => {
    const elements = Array.from({ length: 201 }, (_, at) => [
      new Element(`S${at}`),
      new Element(`S${at}`, stock),
    ]).flat();
    for (const element of elements.slice(0, 400)) page.add(element);
    await clock.advance(16);
    expect(asked).toHaveLength(1);
    page.restart();
    asked.length = 0;
    for (const element of elements.slice(400)) page.add(element);
    await clock.advance(16);
    const lists = asked.map(({ variables }) =>
      Object.values(variables)
        .filter(Array.isArray)
        .map(({ length }) => length),
    );
    expect(lists).toEqual([
      [200, 200],
      [1, 1],
    ]);
    expect(new Set(elements.map(({ kinds }) => kinds.at(-1)))).toEqual(new Set(["price", "stock"]));
  });

  test("a guest's page asks for the stock alone, publicly, where the shop wrote the prices", async () => {
    caller = null;
    const elements = [new Element("A", price, "12 €"), new Element("A", stock, "In stock")];
    for (const element of elements) page.add(element);
    await clock.advance(16);
    expect(asked).toMatchObject([{ variables: { s0: ["A"] }, authorization: undefined }]);
    expect(elements.map(({ kinds }) => kinds.at(-1))).toEqual(["guest", "stock"]);
    expect(announced).toEqual([]);
  });

  test("an element that left the page is not asked about again", async () => {
    const [stays, leaves] = [new Element("A"), new Element("B")];
    reply = () => new Response(null, { status: 503 });
    page.add(stays);
    page.add(leaves);
    await clock.advance(16);
    page.remove(leaves);
    reply = regular;
    await clock.advance(250);
    expect(asked.map(({ variables }) => variables["s0"])).toEqual([["A", "B"], ["A"]]);
    page.remove(stays);
    await clock.advance(60_000);
    expect(asked).toHaveLength(2);
  });

  test("with a dead gateway there are three tries; then the price is on request, and the stock what the shop wrote", async () => {
    reply = () => Promise.reject(new TypeError("failed to fetch"));
    const elements = [new Element("A", price, "12 €"), new Element("A", stock, "In stock"), new Element("B", stock)];
    for (const element of elements) page.add(element);
    await clock.advance(60_000);
    expect(asked).toHaveLength(3);
    expect(elements.map(({ kinds }) => kinds.at(-1))).toEqual(["on-request", "guest", "on-request"]);
    expect([clock.pendingTimers, announced]).toEqual([0, []]);
  });

  test("a silent gateway is given 4 s each time, and one that comes to answer meanwhile is heard", async () => {
    reply = () => new Promise(() => {});
    const element = new Element("A", price, "12 €");
    page.add(element);
    await clock.advance(16 + 3_999);
    expect([asked.length, element.kinds]).toEqual([1, ["waiting"]]);
    reply = regular;
    await clock.advance(1 + 250);
    expect([asked.length, element.kinds]).toEqual([2, ["waiting", "price"]]);
    expect(clock.pendingTimers).toBe(0);
  });

  test("Retry-After is waited for up to 30 s; a gateway that wants longer is not asked again", async () => {
    for (const [seconds, tries] of [
      ["30", 2],
      ["31", 1],
    ] as const) {
      asked.length = 0;
      reply = () => {
        reply = regular;
        return new Response(null, { status: 429, headers: { "retry-after": seconds } });
      };
      const element = new Element(`A${seconds}`);
      page.add(element);
      await clock.advance(60_000);
      expect([asked.length, element.kinds.at(-1)]).toEqual([tries, tries === 2 ? "price" : "on-request"]);
    }
  });

  test("a price that cannot be shown is on request, and its neighbours stand", async () => {
    reply = ({ variables }) =>
      Response.json({
        data: { r0: variables["s0"]?.map((sku) => ({ sku, price: priceOf(sku, sku === "B" ? "bad" : "EUR") })) },
      });
    const elements = ["A", "B", "C"].map((sku) => new Element(sku));
    for (const element of elements) page.add(element);
    await clock.advance(16);
    expect(elements.map(({ kinds }) => kinds.at(-1))).toEqual(["price", "on-request", "price"]);
  });

  test("after the logout nothing of the customer's is shown, though it was answered before", async () => {
    const elements = [new Element("A"), new Element("A", stock)];
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    reply = async (question) => {
      const answer = regular(question);
      if (question.authorization) await held;
      return answer;
    };
    for (const element of elements) page.add(element);
    await clock.advance(16);
    session.logout();
    const from = elements.map(({ shown }) => shown.length);
    release();
    await settle();
    caller = null;
    await clock.advance(16);
    const since = elements.map(({ kinds }, at) => kinds.slice(from[at]));
    expect(since).toEqual([["price"], ["stock"]]);
    expect(elements[0]?.shown.at(-1)).toMatchObject({ price: { audience: "PUBLIC" } });
    expect(asked.map(({ authorization }) => authorization)).toEqual(["Bearer token", undefined]);
    expect(announced).toEqual([false]);
  });
});
