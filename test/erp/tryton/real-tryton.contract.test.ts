import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createTrytonConnector, trytonConcurrency } from "../../../src/erp/tryton/tryton-connector.js";
import { promisesOfConnector } from "../../contract/connector.contract.js";
import { openLine } from "../../support/line.js";
import { describeWith } from "../../support/parts.js";
import { type RunningTryton, startTryton, startTrytonTimeoutMs } from "../../support/tryton.js";

describeWith("tryton", "a real Tryton, held to what every connector promises", () => {
  let tryton: RunningTryton;

  beforeAll(async () => {
    tryton = await startTryton();
  }, startTrytonTimeoutMs);

  afterAll(() => tryton?.stop());

  promisesOfConnector({
    name: "Tryton",
    async create() {
      const line = await openLine(Number(tryton.url.port));
      const { database, user, password, company } = tryton;
      const url = new URL(`http://127.0.0.1:${line.port}/`);
      const fixed = { timeoutMs: 20_000, maxConcurrency: trytonConcurrency, clock: systemClock };
      const connector = createTrytonConnector({ url, database, user, password, company, ...fixed });
      return { connector, breakDown: line.cut, stop: line.cut };
    },
    skus: ["VALVE-001", "VALVE-002", "DOZEN-1", 'L\'ÉTÉ 1/2 "x" %'],
    unknownSku: "NO-SUCH",
    customers: ["C-PERCENT", "C-FIXED", "C-BREAKS"],
    unknownCustomer: "C-NOBODY",
  });
});
