// The demo shop with a gateway and a demonstration ERP of its own, all on the loopback. `npm run demo:shop -- --port 4300`
import { randomBytes } from "node:crypto";
import { parseArgs } from "node:util";
import { GatewayClient } from "./gateway-client.mjs";
import { DemoProcess } from "./process.mjs";
import { startShop } from "./shop.mjs";

const { values: ports } = parseArgs({
  options: {
    port: { type: "string", default: "4300" },
    "gateway-port": { type: "string", default: "4301" },
    "erp-port": { type: "string", default: "4302" },
  },
});
const local = (port) => `http://127.0.0.1:${port}`;
const [shopUrl, gatewayUrl, erpUrl] = [ports.port, ports["gateway-port"], ports["erp-port"]].map(local);
const key = { kid: "demo-shop", secret: randomBytes(32).toString("hex") };

const erp = new DemoProcess("demonstration ERP", {
  args: ["dist/src/cli/pricelane.js", "demo-erp", "--port", ports["erp-port"]],
  env: {},
  readyAt: `${erpUrl}/demo/stats`,
});
const gateway = new DemoProcess("gateway", {
  args: ["dist/src/main.js"],
  env: {
    PORT: ports["gateway-port"],
    ERP_CONNECTOR: "port",
    ERP_URL: erpUrl,
    AUTH_SECRETS: `${key.kid}:${key.secret}`,
    CORS_ORIGINS: shopUrl,
    LOG_LEVEL: "warn",
    // So short that a dead ERP shows within seconds; a shop would keep the defaults.
    PRICE_FRESH_SECONDS: "2",
    STOCK_FRESH_SECONDS: "2",
    CUSTOMER_FRESH_SECONDS: "2",
  },
  readyAt: `${gatewayUrl}/readyz`,
});

/** Ends with what it started, in whichever way it ends. */
function end(code) {
  void gateway.kill();
  void erp.kill();
  process.exit(code);
}
process.once("SIGINT", () => end(0));
process.once("SIGTERM", () => end(0));

try {
  await erp.start();
  await gateway.start();
  const { products } = await (await fetch(`${erpUrl}/demo/products?limit=12`)).json();
  const { customers } = await (await fetch(`${erpUrl}/demo/customers`)).json();
  const client = new GatewayClient(gatewayUrl, key);
  await startShop({ port: Number(ports.port), origin: shopUrl, client, erp, products, customers });
} catch (error) {
  console.error(`demo:shop: ${error.message}`);
  end(1);
}
console.log(`The shop: ${shopUrl}\nThe gateway: ${gatewayUrl}\nThe ERP: ${erpUrl}\nCtrl-C stops all three.`);
