import type { Clock } from "./clock.js";
import { believedKeys, isOpenDemo } from "./demo-key.js";
import type { DemoErp } from "./erp/demo/demo-erp.js";
import { mintToken } from "./http/mint-token.js";
import type { PageToken } from "./http/page/page-html.js";
import type { Settings } from "./settings.js";

/** What one needs to try the gateway out: callers to ask as, and something to ask. */
export interface Welcome {
  readonly callers: readonly PageToken[];
  readonly query: string;
  /** As {@link query}, of what needs no token. */
  readonly publicQuery: string;
  /** What it takes to ask as a customer, where there is no token to show. */
  readonly hint: string;
}

const tokenMinutes = 24 * 60;

/** Mints tokens for the demonstration's customers; for a real ERP there is nobody to make a token for. */
export async function createWelcome(settings: Settings, demo: DemoErp | null, clock: Clock): Promise<Welcome> {
  const anonymous: PageToken = {
    label: "Anonymous",
    token: null,
    about: "No token: public prices, and of stock the status alone.",
  };
  const skus = demo === null ? ["YOUR-SKU"] : demo.sampleSkus.filter((_, index) => index % 12 === 0);
  const callers = demo === null ? [] : await mintCallers(settings, demo, clock);
  const publicQuery = `{ product(sku: ${JSON.stringify(skus[0])}) { price { net { amount currency } } stock { status } } }`;
  return { callers: [anonymous, ...callers], query: createQuery(skus), publicQuery, hint: hintOf(settings) };
}

function hintOf({ authSecrets, authJwksFile, authJwksUrl }: Settings): string {
  if (authSecrets.length > 0) return "For a customer's own prices: `pricelane token --customer CODE` mints a token.";
  if (authJwksFile !== null || authJwksUrl !== null)
    return "For a customer's own prices: a token signed with a key of the JWKS, see docs/identity.md.";
  return "No key is set, so there are public prices alone: see AUTH_SECRETS in docs/identity.md.";
}

async function mintCallers(settings: Settings, demo: DemoErp, clock: Clock): Promise<PageToken[]> {
  // Never with keys of somebody's own: a page must not hand out what those keys open.
  const [key] = isOpenDemo(settings) ? believedKeys(settings) : [];
  if (key === undefined) return [];
  const { authAudience: audience, erpCompany: company } = settings;
  const mint = (customer: string, scope: string) =>
    mintToken({ key, audience, company, customer, scopes: [scope], minutes: tokenMinutes, now: clock.now() });
  const customers = await Promise.all(
    demo.demoCustomers.map(async ({ code, about }) => ({ label: code, token: await mint(code, "storefront"), about })),
  );
  const [first] = demo.demoCustomers;
  if (first === undefined) return customers;
  const about = `The shop's order step for ${first.code}: every answer is read from the ERP now.`;
  return [...customers, { label: "Checkout", token: await mint(first.code, "checkout"), about }];
}

function createQuery(skus: readonly string[]): string {
  return `query FirstLook {
  viewer {
    customer {
      name
      paymentTerms
      creditAvailable { amount currency }
    }
  }
  products(skus: [${skus.map((sku) => JSON.stringify(sku)).join(", ")}]) {
    sku
    price(quantity: "10") {
      audience
      net { amount currency }
      gross { amount }
      tiers { minimumQuantity net { amount } }
      freshness { source ageSeconds }
    }
    publicPrice(quantity: "10") {
      net { amount }
    }
    stock {
      status
      available
      warehouses { code available }
    }
  }
}
`;
}

/** The text for the terminal. */
export function printWelcome(url: URL, { callers, query, publicQuery, hint }: Welcome): string {
  const lines = callers.flatMap(({ label, token, about }) =>
    token === null ? [] : [`  ${label}: ${about}`, `  ${token}`, ""],
  );
  const [first] = callers.filter(({ token }) => token !== null);
  const ask = [
    first ? "Ask as the first of them:" : "Ask for a public price:",
    "",
    `  curl -s ${new URL("/graphql", url)} \\`,
    "    -H 'content-type: application/json' \\",
    ...(first ? [`    -H 'authorization: Bearer ${first.token}' \\`] : []),
    `    -d '${JSON.stringify({ query: first ? query.replaceAll(/\s+/g, " ").trim() : publicQuery })}'`,
    "",
  ];
  return [
    "",
    `Pricelane listens at ${url}`,
    `  GraphQL:  ${new URL("/graphql", url)}`,
    `  try out:  ${url} in a browser`,
    "",
    ...(first ? ["Tokens to try it with, good for a day:", "", ...lines] : [hint, ""]),
    ...ask,
    "",
  ].join("\n");
}
