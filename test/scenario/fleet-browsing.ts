import { eventually } from "../support/eventually.js";
import { buyer } from "../support/graphql-client.js";
import type { RecordedCall } from "../support/port-fake.js";
import type { FleetReplica } from "./fleet-replica.js";
import { createRandom } from "./random.js";

const page = `query ($skus: [ID!]!) { products(skus: $skus) {
  price { net { amount } } stock { available }
} }`;

const visitorsEach = 4;
const pagesEach = 12;
const skusAPage = 8;

export interface Browsing {
  readonly replicas: readonly FleetReplica[];
  /** What is looked at and who looks, the most popular first. */
  readonly skus: readonly string[];
  readonly customers: readonly string[];
}

/** What an ERP must be asked for, in keys. */
export interface KeysWanted {
  /** Each key once, by whichever replica. */
  readonly minimum: number;
  /** By replicas that share nothing: each key once by each that was asked for it. */
  readonly alone: number;
  /** Looked up, over all pages. */
  readonly lookedUp: number;
}

/** Has visitors look at pages in all replicas at once, of SKUs and by customers as Zipf's law has it. A page that lacks anything is asked for again. */
export async function browse({ replicas, skus, customers }: Browsing): Promise<KeysWanted> {
  const pickSku = zipf(skus, 1);
  const pickCustomer = zipf([null, ...customers], 2);
  const once = new Set<string>();
  const byReplica = new Set<string>();
  let lookedUp = 0;
  async function visit(replica: FleetReplica, place: number): Promise<void> {
    const customer = pickCustomer();
    const wanted = new Set<string>();
    while (wanted.size < skusAPage) wanted.add(pickSku());
    const token = customer === null ? {} : { token: buyer(customer) };
    await eventually("a page comes whole", async () => {
      const answer = await replica.client?.ask(page, { ...token, variables: { skus: [...wanted] } });
      return answer?.errors.length === 0;
    });
    const keys = [...wanted].flatMap((sku) => [`price ${customer} ${sku}`, `stock ${sku}`]);
    if (customer !== null) keys.push(`customer ${customer}`);
    for (const key of keys) once.add(key);
    for (const key of keys) byReplica.add(`${place} ${key}`);
    lookedUp += keys.length;
  }
  const visitors = replicas.flatMap((replica, place) =>
    Array.from({ length: visitorsEach }, async () => {
      for (let count = 0; count < pagesEach; count++) await visit(replica, place);
    }),
  );
  await Promise.all(visitors);
  return { minimum: once.size, alone: byReplica.size, lookedUp };
}

export function keysAsked(calls: readonly RecordedCall[]): number {
  return calls.reduce(
    (sum, { kind, lines, skus }) => sum + lines.length + skus.length + Number(kind === "customer"),
    0,
  );
}

/** @returns picks one of them, the n-th as often as 1/n */
function zipf<T>(items: readonly T[], seed: number): () => T {
  const random = createRandom(seed);
  let sum = 0;
  const upTo = items.map((_, index) => {
    sum += 1 / (index + 1);
    return sum;
  });
  return () => {
    const drawn = random() * sum;
    return items[upTo.findIndex((bound) => drawn < bound)] as T;
  };
}
