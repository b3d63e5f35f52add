import { Pool } from "undici";
import type { RunningTryton } from "../../test/support/tryton.js";
import type { ViewPage } from "./storm.js";

/** How long the shop's plugin waits for one call, in ms. */
const timeoutMs = 5_000;

type Call = (method: string, ...params: unknown[]) => Promise<unknown>;

/**
 * A shop's plugin without memory: per page one search for the prices with the customer's list, which it is told for
 * nothing, and one for the stock of each warehouse, all at once. It logs in once. Prices at quantity 1, without tiers or taxes.
 */
export async function createNaive(
  tryton: RunningTryton,
  erpUrl: URL,
): Promise<{ view: ViewPage; stop(): Promise<void> }> {
  const pool = new Pool(erpUrl.origin, { pipelining: 1 });
  const call = await logIn(pool, tryton);
  const base = { company: 1 };
  const warehouses = (await call(
    "model.stock.location.search",
    [["type", "=", "warehouse"]],
    0,
    null,
    null,
    base,
  )) as number[];
  const read = async (skus: readonly string[], fields: readonly string[], context: object) => {
    const params = [[["code", "in", skus]], 0, null, null, fields, { ...base, ...context }];
    return ((await call("model.product.product.search_read", ...params)) as unknown[]).length;
  };
  return {
    async view({ skus, party, priceList }) {
      const prices = read(skus, ["code", "sale_price_uom"], { customer: party, price_list: priceList, quantity: 1 });
      const stocks = warehouses.map((warehouse) => {
        const context = { locations: [warehouse], with_childs: true, stock_assign: true };
        return read(skus, ["code", "quantity", "forecast_quantity"], context);
      });
      const [priced = 0, ...counted] = await Promise.all([prices, ...stocks]);
      return { wanted: 2 * skus.length, answered: priced + Math.min(...counted), lastKnown: 0 };
    },
    stop: () => pool.destroy(),
  };
}

async function logIn(pool: Pool, { database, user, password }: RunningTryton): Promise<Call> {
  const post = async (headers: Record<string, string>, method: string, params: unknown[]) => {
    const { statusCode, body } = await pool.request({
      method: "POST",
      path: `/${database}/`,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ id: 1, method, params }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    const answer = (await body.json()) as { result?: unknown; error?: unknown };
    if (statusCode !== 200 || answer.error !== undefined)
      throw new Error(`${method}: HTTP ${statusCode} ${JSON.stringify(answer.error)}`);
    return answer.result;
  };
  const session = (await post({}, "common.db.login", [user, { password }])) as unknown[];
  const authorization = `Session ${Buffer.from([user, ...session].join(":")).toString("base64")}`;
  return (method, ...params) => post({ authorization }, method, params);
}
