import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { afterAll, beforeAll } from "vitest";
import { systemClock } from "../../../src/clock.js";
import { createTrytonConnector, trytonConcurrency } from "../../../src/erp/tryton/tryton-connector.js";
import { promisesOfConnector } from "../../contract/connector.contract.js";
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
      const line = await openLine(tryton.url);
      const { database, user, password, company } = tryton;
      const fixed = { timeoutMs: 20_000, maxConcurrency: trytonConcurrency, clock: systemClock };
      const connector = createTrytonConnector({ url: line.url, database, user, password, company, ...fixed });
      return { connector, breakDown: line.cut, stop: line.cut };
    },
    skus: ["VALVE-001", "VALVE-002", "DOZEN-1", 'L\'ÉTÉ 1/2 "x" %'],
    unknownSku: "NO-SUCH",
    customers: ["C-PERCENT", "C-FIXED", "C-BREAKS"],
    unknownCustomer: "C-NOBODY",
  });
});

/** A way to the one server that each test can cut for itself: starting a server for each would take minutes. */
async function openLine(to: URL): Promise<{ url: URL; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(to.port), to.hostname);
    for (const [socket, other] of [[near, far] as const, [far, near] as const]) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on("error", () => other.destroy());
      socket.on("close", () => sockets.delete(socket));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}/`),
    cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
