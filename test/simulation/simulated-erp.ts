import type { Clock } from "../../src/clock.js";
import { ErpBadAnswer, type ErpError, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../src/errors.js";
import type { Connector } from "../../src/pricing/connector.js";
import type { Customer } from "../../src/pricing/customer.js";
import { askedCustomer, type CustomerKey, type PriceKey, type StockKey } from "../../src/pricing/keys.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import { type ErpCall, type ErpSource, fromErp, type Key, type Outcome } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { customerOf, ladderOf, stockOf } from "../support/samples.js";
import { askedOf, type CallRecord, type History, type Kind, writeTold } from "./history.js";
import type { SeededRandom } from "./seeded-random.js";
import { ownerOf, type SimulatedWorld } from "./simulated-world.js";
import { type Weather, weatherAt } from "./weather.js";

export interface SimulatedErpOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly world: SimulatedWorld;
  readonly history: History;
  readonly weather: readonly Weather[];
  readonly workers: number;
  /** What a call costs a worker, in ms: so much, and so much more for each key. */
  readonly callMs: number;
  readonly keyMs: number;
  readonly maxConcurrency: number;
  readonly keysPerCall: number;
  /** Whether one call may ask for one customer alone. */
  readonly isGrouped: boolean;
}

type Reader<K, Answer> = (key: K, call: ErpCall, number: number) => Outcome<Answer>;

/** An ERP of some workers over a world that changes; the weather decides what goes wrong with it. */
export class SimulatedErp implements Connector {
  readonly name = "simulated";
  readonly maxConcurrency: number;
  readonly prices: ErpSource<PriceKey, Ladder>;
  readonly stock: ErpSource<StockKey, Stock>;
  readonly customers: ErpSource<CustomerKey, Customer>;
  readonly #options: SimulatedErpOptions;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(options: SimulatedErpOptions) {
    this.#options = options;
    this.maxConcurrency = options.maxConcurrency;
    this.prices = this.#source<PriceKey, Ladder>(
      "price",
      (key, call, number) => this.#readPrice(key, call, number),
      (key) => (options.isGrouped ? (askedCustomer(key.scope) ?? "") : ""),
    );
    this.stock = this.#source<StockKey, Stock>("stock", (key, call, number) => this.#readStock(key, call, number));
    this.customers = this.#source<CustomerKey, Customer>("customer", (key, call, number) =>
      this.#readCustomer(key, call, number),
    );
    for (const { until } of options.weather) {
      options.clock.after(Math.max(until - options.clock.now(), 0), () => this.#work());
    }
  }

  async checkHealth(): Promise<void> {}
  async close(): Promise<void> {}

  #source<K extends Key, Answer>(kind: Kind, read: Reader<K, Answer>, groupOf = (_key: K) => ""): ErpSource<K, Answer> {
    return {
      keysPerCall: this.#options.keysPerCall,
      groupOf,
      readMany: (keys, call) => this.#call(kind, keys, call, read),
    };
  }

  #call<K extends Key, Answer>(
    kind: Kind,
    keys: readonly K[],
    call: ErpCall,
    read: Reader<K, Answer>,
  ): Promise<Outcome<Answer>[]> {
    const { clock, random, history } = this.#options;
    const record = history.callSent(kind, keys, clock.now());
    const weather = weatherAt(this.#options.weather, clock.now());
    return new Promise((resolve, reject) => {
      const fail = (error: ErpError) => this.#end(record, error.code, () => reject(error));
      this.#whenGivenUp(record, call, weather, fail);
      const refusal = weather !== null && weather.kind === "errors" && random.chance(weather.strength);
      if (refusal) {
        clock.after(random.int(2, 30), () => fail(this.#drawError()));
        return;
      }
      this.#atWorker(record, keys.length, () => {
        // What the ERP says is decided here, at some instant between the sending and the answer.
        const isPoisoned = weather?.kind === "poison" && record.asked.some(({ name }) => weather.names.has(name));
        const outcomes = keys.map((key) => read(key, call, record.number));
        record.readAt = clock.now();
        return isPoisoned
          ? () => fail(new ErpUnavailable("500", { mayBeOneKey: true }))
          : () => this.#end(record, "answered", () => resolve(outcomes));
      });
    });
  }

  #end(record: CallRecord, end: string, tell: () => void): void {
    if (record.endedAt !== null) return;
    record.endedAt = this.#options.clock.now();
    record.endPlace = this.#options.history.nextPlace();
    record.heardPlace = record.endPlace;
    this.#options.history.settled++;
    record.end = end;
    tell();
  }

  /** The gateway destroys its socket; where the network is ill that takes a while. */
  #whenGivenUp(record: CallRecord, call: ErpCall, weather: Weather | null, fail: (error: ErpError) => void): void {
    const { clock, random } = this.#options;
    const isLate = weather?.kind === "hang" && random.chance(0.3);
    const lateMs = isLate ? random.int(1, 2_000) : 0;
    const giveUp = () => {
      if (record.endedAt !== null) return;
      record.wasGivenUp = true;
      fail(new ErpTimeout("the simulated call was given up"));
    };
    call.signal.addEventListener("abort", () => (lateMs === 0 ? giveUp() : clock.after(lateMs, giveUp)));
  }

  #drawError(): ErpError {
    const { random } = this.#options;
    const errors = [
      () => new ErpOverloaded("429", { countsAsFailure: true, retryAfterSeconds: random.int(1, 2) }),
      () => new ErpOverloaded("429", { countsAsFailure: true }),
      () => new ErpOverloaded("503", { countsAsFailure: true }),
      () => new ErpUnavailable("500", { mayBeOneKey: true }),
      () => new ErpUnavailable("refused"),
      () => new ErpBadAnswer("garbage", undefined, { mayBeOneKey: random.chance(0.5) }),
    ];
    return random.pick(errors)();
  }

  /** @param read run at the instant that the worker reads; gives what to do at the end of the work */
  #atWorker(record: CallRecord, keys: number, read: () => () => void): void {
    const { clock, random, callMs, keyMs } = this.#options;
    this.#queue.push(() => {
      const weather = weatherAt(this.#options.weather, clock.now());
      const slowdown = weather?.kind === "slow" ? weather.strength * 20 : 1;
      const workMs = Math.ceil((callMs + keyMs * keys) * slowdown * (0.8 + 0.4 * random.next()));
      const isHanging = weather?.kind === "hang" && random.chance(weather.strength);
      const isLost = weather?.kind === "lost" && random.chance(weather.strength);
      const readMs = random.int(0, workMs);
      if (isHanging) record.end = "hangs";
      clock.after(isHanging ? random.int(1_000, 6_000) : readMs, () => {
        const answer = isHanging ? () => {} : read();
        clock.after(isHanging ? 0 : workMs - readMs, () => {
          this.#busy--;
          if (isLost) record.end = "lost";
          else answer();
          this.#work();
        });
      });
    });
    this.#work();
  }

  #work(): void {
    const { weather, clock, workers } = this.#options;
    const now = weatherAt(weather, clock.now());
    const present = now?.kind === "brown-out" ? Math.floor(workers * (1 - now.strength)) : workers;
    while (this.#busy < present) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#busy++;
      next();
    }
  }

  #readPrice(key: PriceKey, call: ErpCall, number: number): Outcome<Ladder> {
    const { world } = this.#options;
    const { scope, sku } = key;
    const freshness = fromErp(call);
    let owner = "public";
    if (scope.kind !== "public") {
      const terms = world.customer(scope.customer).latest.value;
      // As with an echoed scope: who left it is unknown in it.
      const isElsewhere = scope.kind === "price-scope" && terms?.priceScope !== scope.priceScope;
      if (terms === null || isElsewhere) return { kind: "unknown", what: "customer", freshness };
      owner = ownerOf(scope.customer, terms);
    }
    const { number: version, value } = world.price(owner, sku).latest;
    if (!value) return { kind: "unknown", what: "sku", freshness };
    const priceList = writeTold({ owner, name: sku, version, call: number, askedOwner: askedOf("price", key).owner });
    return { kind: "found", answer: ladderOf({ sku, priceList, unitPrice: String(version) }), freshness };
  }

  #readStock({ sku }: StockKey, call: ErpCall, number: number): Outcome<Stock> {
    const { number: version, value } = this.#options.world.stock(sku).latest;
    const freshness = fromErp(call);
    if (!value) return { kind: "unknown", what: "sku", freshness };
    const code = writeTold({ owner: "", name: sku, version, call: number, askedOwner: "" });
    return { kind: "found", answer: stockOf({ sku, warehouses: [{ code, available: "1" }] }), freshness };
  }

  #readCustomer({ customer }: CustomerKey, call: ErpCall, number: number): Outcome<Customer> {
    const { number: version, value } = this.#options.world.customer(customer).latest;
    const freshness = fromErp(call);
    if (value === null) return { kind: "unknown", what: "customer", freshness };
    const name = writeTold({ owner: "", name: customer, version, call: number, askedOwner: "" });
    return { kind: "found", answer: customerOf({ code: customer, name, priceScope: value.priceScope }), freshness };
  }
}
