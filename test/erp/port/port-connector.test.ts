import { systemClock } from "../../../src/clock.js";
import { createPortConnector } from "../../../src/erp/port/port-connector.js";
import { promisesOfConnector } from "../../contract/connector.contract.js";
import { PortFake } from "../../support/port-fake.js";

const skus = ["A-1", "Ä/2 ?", "100%"] as const;
const customers = ["C1", "C2", "C/3 ?#"] as const;

async function startFake(): Promise<PortFake> {
  const fake = await PortFake.start();
  for (const [index, sku] of skus.entries()) {
    fake.prices.set(`|${sku}`, { unitPrice: `1${index}.00`, tiers: [] });
    fake.stock.set(sku, { warehouses: { W1: `${index}.5` } });
  }
  for (const code of customers) {
    fake.customers.set(code, {});
    fake.prices.set(`${code}|${skus[0]}`, { unitPrice: `${customers.indexOf(code) + 1}.00`, tiers: [] });
  }
  return fake;
}

promisesOfConnector({
  name: "the ERP port",
  skus,
  unknownSku: "no such SKU",
  customers,
  unknownCustomer: "no such customer",
  async create() {
    const fake = await startFake();
    const connector = createPortConnector({
      name: "port",
      url: new URL(fake.url),
      token: null,
      maxConcurrency: 4,
      timeoutMs: 5_000,
      clock: systemClock,
    });
    let isStopped = false;
    const stop = async () => {
      if (!isStopped) await fake.stop();
      isStopped = true;
    };
    const asked = () =>
      fake.calls.flatMap(({ kind, path, lines, skus: named }) => {
        if (kind === "price") return lines.map(({ customer, sku }) => `${customer} ${sku}`);
        return kind === "stock" ? named : path;
      });
    return { connector, breakDown: stop, asked, stop };
  },
});
