import { connect } from "node:net";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { createGate, hang } from "../support/port-answers.js";
import { startScenario } from "./scenario.js";

const query = `{ product(sku: "SKU-1") { price { net { amount } } } }`;

/** Whether a new connection is refused. */
function isClosed(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => {
      socket.destroy();
      resolve(false);
    });
    socket.once("error", () => resolve(true));
  });
}

test("after SIGTERM what was accepted is answered, nothing new is taken, and the process ends well", async () => {
  const { erp, gateway, ask, stop } = await startScenario();
  const gate = createGate();
  erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const accepted = ask(query);
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  gateway.signal("SIGTERM");
  await eventually("new connections are refused", () => isClosed(gateway.url));
  gate.open();
  expect((await accepted).at("product.price.net.amount")).toBe("1001.00");
  await stop();
});

test("SIGINT does the same, and a second signal does not cut short what is being answered", async () => {
  const { erp, gateway, ask, stop } = await startScenario();
  const gate = createGate();
  erp.answer("price", async (_call, regular) => {
    await gate.opened;
    return regular;
  });
  const accepted = ask(query);
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  gateway.signal("SIGINT");
  await eventually("new connections are refused", () => isClosed(gateway.url));
  gateway.signal("SIGINT");
  gateway.signal("SIGTERM");
  gate.open();
  expect((await accepted).at("product.price.net.amount")).toBe("1001.00");
  await stop();
});

test("an ERP that hangs does not hold up the end: the request gets its error, the process its exit code 0", async () => {
  const { erp, gateway, ask, stop } = await startScenario({ DEADLINE_STOREFRONT_MS: "1000" });
  erp.answer("price", () => hang);
  const accepted = ask(query);
  await eventually("the ERP is asked", () => erp.count("price") === 1);
  gateway.signal("SIGTERM");
  expect((await accepted).codeAt("product.price")).toBe("ERP_TIMEOUT");
  await stop();
});
