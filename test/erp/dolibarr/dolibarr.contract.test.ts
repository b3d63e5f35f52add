import { promisesOfConnector } from "../../contract/connector.contract.js";
import { createTestConnector } from "../../support/dolibarr.js";
import { dolibarrBooks, partyRow } from "../../support/dolibarr-books.js";

for (const version of ["18.0.6", "22.0.1"]) {
  promisesOfConnector({
    name: `Dolibarr ${version}`,
    async create() {
      const books = dolibarrBooks(version);
      books.thirdParties.push(partyRow(6, "L'ÉTÉ (2)"));
      const { connector, fake } = await createTestConnector(books);
      return { connector, breakDown: () => fake.stop(), stop: () => fake.stop().catch(() => undefined) };
    },
    skus: ["A-1", "B.2", "C (50%)", "D É/4"],
    unknownSku: "NO-SUCH",
    customers: ["CU-1", "CU-2", "L'ÉTÉ (2)"],
    unknownCustomer: "NOBODY",
  });
}
