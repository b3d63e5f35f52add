import { Pool } from "undici";
import { mintToken } from "../../src/http/mint-token.js";
import type { RunningTryton } from "../../test/support/tryton.js";
import { authSecrets } from "../support/bench-customer.js";
import { Child, findFreePort, repositoryPath } from "../support/child.js";
import type { Viewer } from "./customers.js";
import type { ViewPage } from "./storm.js";

const document = `query Page($skus: [ID!]!) {
  products(skus: $skus) {
    price { net { amount currency } gross { amount } tiers { minimumQuantity net { amount } } freshness { source } }
    stock { status available freshness { source } }
  }
}`;

interface Part {
  readonly freshness: { readonly source: "CACHE" | "ERP" | "LAST_KNOWN" };
}

export interface RunningPricelane {
  readonly view: ViewPage;
  stop(): Promise<void>;
}

/** The built gateway as it is shipped, before Tryton. @param env besides what it needs to run, such as windows */
export async function startPricelane(
  { database, user, password, company }: RunningTryton,
  erpUrl: URL,
  viewers: readonly Viewer[],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningPricelane> {
  const port = await findFreePort();
  const child = new Child({
    program: repositoryPath("dist/src/main.js"),
    env: {
      NODE_ENV: "production",
      LOG_LEVEL: "fatal",
      PORT: String(port),
      ERP_CONNECTOR: "tryton",
      ERP_URL: erpUrl.href,
      TRYTON_DATABASE: database,
      TRYTON_USER: user,
      TRYTON_PASSWORD: password,
      TRYTON_COMPANY: company,
      AUTH_SECRETS: authSecrets,
      ...env,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  try {
    await child.waitFor(new URL("/readyz", origin));
  } catch (error) {
    await child.stop();
    throw error;
  }
  const pool = new Pool(origin, { pipelining: 1 });
  const tokens = await mintTokens(viewers);
  return {
    view: (viewer) => post(pool, tokens.get(viewer.code) ?? "", viewer.skus),
    async stop() {
      await pool.destroy();
      await child.stop();
    },
  };
}

async function mintTokens(viewers: readonly Viewer[]): Promise<Map<string, string>> {
  const [kid = "", secret = ""] = authSecrets.split(":");
  const key = { kid, secret: new TextEncoder().encode(secret) };
  const common = { key, audience: "pricelane", scopes: [], minutes: 30, company: null, now: Date.now() };
  const minted = viewers.map(async ({ code }) => [code, await mintToken({ ...common, customer: code })] as const);
  return new Map(await Promise.all(minted));
}

async function post(pool: Pool, token: string, skus: readonly string[]) {
  const { statusCode, body } = await pool.request({
    method: "POST",
    path: "/graphql",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: document, variables: { skus } }),
  });
  const text = await body.text();
  if (statusCode !== 200) throw new Error(`HTTP ${statusCode}: ${text.slice(0, 300)}`);
  const { data } = JSON.parse(text) as { data: { products: { price: Part | null; stock: Part | null }[] } | null };
  const parts = (data?.products ?? []).flatMap(({ price, stock }) => [price, stock]).filter((part) => part !== null);
  if (parts.length === 0) throw new Error(`nothing was answered: ${text.slice(0, 300)}`);
  const lastKnown = parts.filter(({ freshness }) => freshness.source === "LAST_KNOWN").length;
  return { wanted: 2 * skus.length, answered: parts.length, lastKnown };
}
