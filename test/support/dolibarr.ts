import { createDolibarrConnector, type DolibarrOptions } from "../../src/erp/dolibarr/dolibarr-connector.js";
import type { Connector } from "../../src/pricing/connector.js";
import { type DolibarrBooks, type FakeDolibarr, startFakeDolibarr } from "./dolibarr-fake.js";
import { VirtualClock } from "./virtual-clock.js";

export interface TestConnector {
  readonly connector: Connector;
  readonly fake: FakeDolibarr;
  readonly clock: VirtualClock;
  readonly said: readonly { readonly level: "info" | "warn"; readonly what: unknown; readonly text: string }[];
}

/** A connector to a fake of these books, whose first reading at the start is done. */
export async function createTestConnector(
  books: DolibarrBooks,
  options: Partial<DolibarrOptions> = {},
): Promise<TestConnector> {
  const fake = await startFakeDolibarr(books);
  const clock = new VirtualClock();
  const said: { level: "info" | "warn"; what: unknown; text: string }[] = [];
  const note = (level: "info" | "warn") => (what: unknown, text?: string) => {
    said.push({ level, what, text: text ?? "" });
  };
  const connector = createDolibarrConnector({
    url: fake.url,
    apiKey: "the-key",
    customerField: "code_client",
    currency: "EUR",
    publicLevel: 1,
    maxConcurrency: 4,
    timeoutMs: 5000,
    clock,
    log: { info: note("info"), warn: note("warn") },
    ...options,
  });
  // Waits for the reading at the start, and leaves it out of what is counted.
  await connector.products?.readPage(null, 1, AbortSignal.timeout(1000)).catch(() => undefined);
  fake.asked.length = 0;
  return { connector, fake, clock, said };
}
