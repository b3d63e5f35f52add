import { promisesOfConnector } from "../../contract/connector.contract.js";
import { createTestErpNext, erpNextBooks } from "../../support/erpnext.js";

for (const version of ["15.40.2", "16.2.0"]) {
  promisesOfConnector({
    name: `ERPNext ${version}`,
    async create() {
      const { connector, fake } = await createTestErpNext(erpNextBooks(version));
      return { connector, breakDown: () => fake.stop(), stop: () => fake.stop().catch(() => undefined) };
    },
    skus: ["A-1", 'B (50%) "x"', "SERVICE"],
    unknownSku: "NO-SUCH",
    customers: ["CUST-1", "CUST-2", "CUST-3"],
    unknownCustomer: "NOBODY",
  });
}
