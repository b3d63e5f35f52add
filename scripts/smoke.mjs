// Starts the built gateway on the demonstration ERP, asks it one real question as a customer, and stops it.
// Fails unless a price and a stock of that customer's own come back, and the process ends in order.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

const query = `{
  viewer { audience customer { code } }
  products(skus: ["ELEC-00001"]) { sku price(quantity: "10") { audience net { amount currency } } stock { status } }
}`;
const child = spawn(process.execPath, ["dist/src/main.js"], {
  env: { ...process.env, PORT: "0", ERP_CONNECTOR: "demo", NODE_ENV: "development" },
  stdio: ["ignore", "pipe", "ignore"],
});
const ended = once(child, "exit");

try {
  const url = await addressOf(child);
  const { status, stdout: token } = spawnSync(
    process.execPath,
    ["dist/src/cli/pricelane.js", "token", "--customer", "C0004"],
    {
      encoding: "utf8",
    },
  );
  if (status !== 0) throw new Error("pricelane token failed");
  const response = await fetch(new URL("/graphql", url), {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token.trim()}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  const price = data?.products?.[0]?.price;
  if (errors || price?.audience !== "CUSTOMER" || !/^\d+\.\d+$/.test(price.net.amount)) {
    throw new Error(`the answer is not a customer's price: ${JSON.stringify({ data, errors })}`);
  }
  console.log(`smoke: C0004 pays ${price.net.amount} ${price.net.currency} for each of 10 × ELEC-00001`);
} finally {
  child.kill("SIGTERM");
}
const [code] = await ended;
if (code !== 0) throw new Error(`the gateway ended with ${code} after SIGTERM`);

async function addressOf({ stdout }) {
  for await (const line of createInterface({ input: stdout })) {
    const { msg, url } = JSON.parse(line);
    if (msg === "listening") return url;
  }
  throw new Error("the gateway ended before it listened");
}
