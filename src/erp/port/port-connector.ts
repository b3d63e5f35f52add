import type { Clock } from "../../clock.js";
import type { Connector } from "../../pricing/connector.js";
import type { Turns } from "../../pricing/turns.js";
import { createErpHttpClient } from "../http-client.js";
import { PortChanges, PortProducts } from "./port-catalogue.js";
import { createPortClient } from "./port-client.js";
import { PortCustomers } from "./port-customers.js";
import { PortPrices } from "./port-prices.js";
import { PortStock } from "./port-stock.js";

export interface PortOptions {
  /** As in `ERP_CONNECTOR`: the demonstration ERP speaks the port too. */
  readonly name: string;
  readonly url: URL;
  /** Sent as a bearer token; null for an ERP that asks for none. */
  readonly token: string | null;
  readonly maxConcurrency: number;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly turns?: Turns | undefined;
}

/** Any ERP, or thin shim in front of one, that serves docs/erp/erp-port.openapi.yaml. */
export function createPortConnector(options: PortOptions): Connector {
  const { name, url, token, maxConcurrency, timeoutMs, clock, turns } = options;
  const http = createErpHttpClient({ url, connections: maxConcurrency, timeoutMs, turns });
  const client = createPortClient(http, token, clock);
  return {
    name,
    prices: new PortPrices(client),
    stock: new PortStock(client),
    customers: new PortCustomers(client),
    products: new PortProducts(client),
    changes: new PortChanges(client),
    maxConcurrency,
    checkHealth: (signal) => client.ping("/v1/health", signal),
    close: () => http.close(),
  };
}
