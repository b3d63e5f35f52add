import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, buyer, GraphQLClient } from "../support/graphql-client.js";

/** A shop's gateway before the stand-in for one ERP. */
export interface ErpShop<Erp> {
  readonly erp: Erp;
  readonly gateway: GatewayProcess;
  readonly client: GraphQLClient;
  /** The net price of an SKU for each of these customers, asked at once. */
  pricesOf(sku: string, customers: readonly string[]): Promise<unknown[]>;
  /** All that the gateway told anybody: its log, and its answers. */
  told(): string;
  stop(): Promise<void>;
}

interface StandIn {
  readonly url: URL;
  stop(): Promise<void>;
}

/** @param env on top of what all of them set: `ERP_CONNECTOR`, and what that one needs */
export async function startErpShop<Erp extends StandIn>(
  erp: Erp,
  env: Readonly<Record<string, string>>,
): Promise<ErpShop<Erp>> {
  const gateway = await GatewayProcess.start({
    ...{ NODE_ENV: "production", ERP_URL: erp.url.href, AUTH_SECRETS: authSecrets, LOG_LEVEL: "debug" },
    ...env,
  });
  const client = new GraphQLClient(gateway.url);
  return {
    ...{ erp, gateway, client },
    pricesOf(sku, customers) {
      const query = "query ($sku: ID!) { product(sku: $sku) { price { net { amount } } } }";
      const ask = async (customer: string) =>
        (await client.ask(query, { variables: { sku }, token: buyer(customer) })).at("product.price.net.amount");
      return Promise.all(customers.map(ask));
    },
    told: () => `${gateway.printed}${client.texts.join("")}`,
    async stop() {
      await gateway.stop();
      await erp.stop();
    },
  };
}
