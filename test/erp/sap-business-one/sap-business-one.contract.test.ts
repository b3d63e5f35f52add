import { promisesOfConnector } from "../../contract/connector.contract.js";
import { b1Books, createTestB1 } from "../../support/sap-business-one.js";

for (const version of ["v1", "v2"] as const) {
  promisesOfConnector({
    name: `SAP Business One, /b1s/${version}`,
    async create() {
      const { connector, fake } = await createTestB1(b1Books(), {}, version);
      return { connector, breakDown: () => fake.stop(), stop: () => fake.stop().catch(() => undefined) };
    },
    skus: ["A-1", "B 'X' & OR/%", "SERVICE"],
    unknownSku: "NO-SUCH",
    customers: ["C1", "C2", "C3"],
    unknownCustomer: "NOBODY",
  });
}
