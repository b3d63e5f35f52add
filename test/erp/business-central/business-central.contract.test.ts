import { promisesOfConnector } from "../../contract/connector.contract.js";
import { bcBooks, createTestBc } from "../../support/business-central.js";

for (const locations of [null, ["EAST", "WEST"]]) {
  promisesOfConnector({
    name: `Business Central, ${locations === null ? "totals" : "locations"}`,
    async create() {
      const { connector, fake } = await createTestBc(bcBooks(), { locations });
      return { connector, breakDown: () => fake.stop(), stop: () => fake.stop().catch(() => undefined) };
    },
    skus: ["A-1", "B 'X' & OR", "SERVICE"],
    unknownSku: "NO-SUCH",
    customers: ["C1", "C2", "C3"],
    unknownCustomer: "NOBODY",
  });
}
