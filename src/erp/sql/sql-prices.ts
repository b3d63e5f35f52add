import { ErpBadAnswer } from "../../errors.js";
import { askedCustomer, type PriceKey, scopeParts } from "../../pricing/keys.js";
import type { Ladder } from "../../pricing/ladder.js";
import { type ErpCall, type ErpSource, fromErp, type Outcome } from "../../pricing/source.js";
import { orFailed } from "../or-error.js";
import { optional, type Row } from "../parse.js";
import { type EchoedRows, groupByEcho } from "./echoed-rows.js";
import { customerRowOf, priceScopeOf, readCustomerRows } from "./sql-customers.js";
import type { RunQuery } from "./sql-database.js";
import { keysPerCall, type SqlGround } from "./sql-ground.js";
import { toLadder } from "./sql-ladder.js";
import { readText } from "./sql-values.js";

/** Whether a key may be asked in its customer's name. */
type Standing = { readonly kind: "asked" } | Exclude<Outcome<Ladder>, { kind: "found" }>;

const asked: Standing = { kind: "asked" };

/** What one call read, in one transaction. */
interface Read {
  /** By the key's id. */
  readonly standings: ReadonlyMap<string, Standing>;
  readonly rows: EchoedRows;
  /** In whose name the prices were asked; null for the public's, or where none were. */
  readonly customer: string | null;
}

export function createSqlPrices(ground: SqlGround): ErpSource<PriceKey, Ladder> {
  const isForQuantity = ground.queries.prices.placeholders.has("quantity");
  return {
    keysPerCall,
    // One customer, one currency and, where the query asks for it, one quantity a call; customers of a price scope share one.
    groupOf: ({ scope, currency, quantity }) =>
      JSON.stringify([scopeParts(scope), currency, isForQuantity ? quantity : null]),
    async readMany(keys, call) {
      const read = await ground.database.read((run) => readPrices(run, ground, keys, call), call.signal);
      return keys.map((key) => {
        const standing = read.standings.get(key.id) ?? asked;
        return standing.kind === "asked" ? answer(key, read, isForQuantity, call) : standing;
      });
    },
  };
}

async function readPrices(run: RunQuery, ground: SqlGround, keys: readonly PriceKey[], call: ErpCall): Promise<Read> {
  const standings = await readStandings(run, ground, keys, call);
  const toAsk = keys.filter(({ id }) => standings.get(id)?.kind === "asked");
  const [key] = toAsk;
  if (key === undefined) return { standings, rows: new Map(), customer: null };
  const skus = toAsk.map(({ sku }) => sku);
  const { scope, currency, quantity } = key;
  const customer = askedCustomer(scope);
  const rows = await run(ground.queries.prices, {
    ...{ ...ground.given, skus, customer, currency, quantity },
    price_scope: scope.kind === "price-scope" ? scope.priceScope : null,
  });
  return { standings, rows: groupByEcho(rows, "sku", new Set(skus)), customer };
}

/**
 * The customers are looked up again within the transaction that reads their prices. So nobody unknown is priced, and a
 * customer who has left a price scope since its record was read is unknown in it, whatever the query of prices makes of it.
 */
async function readStandings(
  run: RunQuery,
  ground: SqlGround,
  keys: readonly PriceKey[],
  call: ErpCall,
): Promise<Map<string, Standing>> {
  const codes = [...new Set(keys.flatMap(({ scope }) => (scope.kind === "public" ? [] : [scope.customer])))];
  if (codes.length === 0) return new Map(keys.map(({ id }) => [id, asked]));
  const rows = await readCustomerRows(run, ground, codes);
  return new Map(keys.map(({ id, scope }) => [id, standingOf(scope, rows, call)]));
}

function standingOf(scope: PriceKey["scope"], rows: EchoedRows, call: ErpCall): Standing {
  if (scope.kind === "public") return asked;
  return orFailed(() => {
    const row = customerRowOf(scope.customer, rows);
    const isKnown = row !== null && (scope.kind === "customer" || priceScopeOf(row) === scope.priceScope);
    return isKnown ? asked : { kind: "unknown", what: "customer", freshness: fromErp(call) };
  });
}

function answer(key: PriceKey, { rows, customer }: Read, isForQuantity: boolean, call: ErpCall): Outcome<Ladder> {
  const freshness = fromErp(call);
  return orFailed(() => {
    const own = rows.get(key.sku) ?? [];
    if (own instanceof ErpBadAnswer) throw own;
    if (own.length === 0) return { kind: "unknown", what: "sku", freshness };
    for (const row of own) checkEcho(key, customer, row);
    return { kind: "found", answer: toLadder(key, own, isForQuantity), freshness };
  });
}

/**
 * A row that is everybody's, or a whole price list's, names nobody. One that names somebody is believed for that one alone:
 * neither for another customer, nor for those who share a price scope with the one asked for.
 * @param customer in whose name it was asked
 */
function checkEcho({ scope, sku }: PriceKey, customer: string | null, row: Row): void {
  const echo = optional(row["customer"], "customer", readText);
  const scopeEcho = optional(row["price_scope"], "price_scope", readText);
  const what = `a row of SKU ${JSON.stringify(sku)}`;
  if (echo !== null && echo !== customer) throw new ErpBadAnswer(`${what} echoes another customer than was asked`);
  // The public and a customer of no scope are asked in none, so a row that names one is for others.
  if (scopeEcho !== null && scopeEcho !== (scope.kind === "price-scope" ? scope.priceScope : null))
    throw new ErpBadAnswer(`${what} echoes another price scope than was asked`);
  if (scope.kind === "price-scope" && echo !== null)
    throw new ErpBadAnswer(
      `${what} is one customer's own price, asked for the price scope ${JSON.stringify(scope.priceScope)}: the query customers should tell no price_scope of who has prices of its own`,
    );
}
