import { systemClock } from "../../../src/clock.js";
import { createOdooConnector, type OdooOptions } from "../../../src/erp/odoo/odoo-connector.js";
import { createLogger } from "../../../src/telemetry/logger.js";
import { promisesOfConnector } from "../../contract/connector.contract.js";
import { type FakeOdoo, fakeDatabase, fakeUser, startFakeOdoo } from "../../support/odoo-fake.js";

const log = createLogger({ level: "silent" });

function optionsFor(odoo: FakeOdoo, priceAction: number | null): OdooOptions {
  const credential = { database: fakeDatabase, user: fakeUser, key: odoo.key };
  const wanted = { company: null, publicList: null, priceAction };
  return { url: odoo.url, ...credential, ...wanted, timeoutMs: 5000, maxConcurrency: 4, clock: systemClock, log };
}

for (const [version, priceAction] of [
  ["16.0", null],
  ["18.0", 77],
  ["19.0", null],
  ["19.0", 77],
] as const) {
  promisesOfConnector({
    name: `Odoo ${version} ${priceAction === null ? "without" : "with"} the price action`,
    async create() {
      const odoo = await startFakeOdoo(version);
      odoo.action = priceAction === null ? "none" : "installed";
      return {
        connector: createOdooConnector(optionsFor(odoo, priceAction)),
        breakDown: () => odoo.stop(),
        stop: () => odoo.stop(),
      };
    },
    skus: ["CHAIR", "DESK", "LAMP", "CABLE", 'L\'ÉTÉ 1/2 "x" %'],
    unknownSku: "NO-SUCH",
    customers: ["C-TRADE", "C-QUANTITY", "C-NOLIST"],
    unknownCustomer: "C-NOBODY",
  });
}
