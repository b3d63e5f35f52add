import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../support/eventually.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, GraphQLClient, mintToken } from "../support/graphql-client.js";
import { describeWith } from "../support/parts.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { PortFake } from "../support/port-fake.js";
import { fillBook, skus } from "./book.js";

const token = mintToken({ scope: "feed" });
const query = `query ($changedSince: String) {
  feed(first: 1000, changedSince: $changedSince) { items { sku price { net { amount } } } deltaCursor }
}`;

describeWith("sqlite", "a gateway with JOURNAL_FILE", () => {
  let erp: PortFake;
  let catalogue: PortCatalogue;
  let folder = "";
  beforeAll(async () => {
    erp = await PortFake.start();
    fillBook(erp);
    catalogue = new PortCatalogue(erp, skus(60).sort(), true);
    folder = mkdtempSync(join(tmpdir(), "pricelane-feed-"));
  });
  afterAll(async () => {
    await erp.stop();
    rmSync(folder, { recursive: true });
  });

  const env = () => ({
    ...{ NODE_ENV: "production", ERP_CONNECTOR: "port", ERP_URL: erp.url, AUTH_SECRETS: authSecrets },
    ...{ CHANGES_POLL_SECONDS: "1", JOURNAL_FILE: join(folder, "journal.db") },
  });

  const polls = () => erp.calls.filter(({ path }) => path.includes("since=")).length;

  async function read(gateway: GatewayProcess, changedSince: string | null) {
    const answer = await new GraphQLClient(gateway.url).ask(query, { token, variables: { changedSince } });
    expect(answer.errors).toEqual([]);
    return answer.at("feed") as { items: { sku: string }[]; deltaCursor: string };
  }

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "goes on from delta cursors after a %s, with what changed while it was away",
    async (signal) => {
      const before = await GatewayProcess.start(env());
      await eventually("the changes are followed", () => polls() > 0);
      const { items, deltaCursor } = await read(before, null);
      expect(items).toHaveLength(60);
      const seen = polls();
      // What the first of them told is written down within a second, before the third.
      await eventually("three polls later", () => polls() >= seen + 3);
      await before.stop(signal);

      const amount = signal === "SIGTERM" ? "5.55" : "6.66";
      erp.prices.set("|SKU-5", { unitPrice: amount, taxRate: "20", tiers: [] });
      catalogue.changes.push({ kind: "price", sku: "SKU-5" });
      erp.forgetCalls();
      const after = await GatewayProcess.start(env());
      await eventually("the changes are followed", () => polls() > 0);
      const delta = await eventually("the change is told", async () => {
        const told = await read(after, deltaCursor);
        return told.items.length > 0 ? told : null;
      });
      expect(delta.items).toEqual([{ sku: "SKU-5", price: { net: { amount } } }]);
      expect(await after.stop()).toBe(0);
    },
  );

  test("is refused a file that another one holds, and says what to do", async () => {
    const first = await GatewayProcess.start(env());
    const { code, printed } = await GatewayProcess.run(env());
    expect(code).toBe(1);
    expect(printed).toContain("no other process has it open");
    expect(await first.stop()).toBe(0);
  });
});
