import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type Books, createBooks } from "./books.js";
import { CallRunner } from "./call-runner.js";
import { CallStats, type DemoErpStats } from "./call-stats.js";
import { Capacity } from "./capacity.js";
import { type DemoCustomer, demoCustomers } from "./demo-customers.js";
import { createEndpoints } from "./endpoints.js";
import { checkFault, type Fault, FaultSwitch, strikesAll } from "./fault.js";
import { type DemoErpOptions, type ResolvedOptions, resolveOptions } from "./options.js";
import { createPortServer } from "./port-server.js";
import { cardOf, type ProductCard, readProductPage } from "./product-page.js";
import { shuffled } from "./random.js";

/** A running demonstration ERP. */
export interface DemoErp {
  /** Where the ERP port is served. */
  readonly url: URL;
  /** Three customers whose prices differ in kind. */
  readonly demoCustomers: readonly DemoCustomer[];
  /** 24 SKUs, or all where there are fewer, of all families. */
  readonly sampleSkus: readonly string[];
  /** What a shop shows of a product; null where there is no such SKU. */
  card(sku: string): ProductCard | null;
  stats(): DemoErpStats;
  resetStats(): void;
  /** Makes something go wrong, in place of what was wrong before; null mends it. @throws {Error} for values out of bounds */
  setFault(fault: Fault | null): void;
  /** Hangs up on everybody and frees the port. Again, it does nothing. */
  stop(): Promise<void>;
}

/** @throws {Error} for options out of bounds, or where the port is taken */
export async function startDemoErp(options: DemoErpOptions = {}): Promise<DemoErp> {
  const resolved = resolveOptions(options);
  const books = createBooks(resolved);
  const capacity = new Capacity(resolved);
  const stats = new CallStats();
  const faults = new FaultSwitch(resolved.random);
  const server = createServerOf(resolved, { books, capacity, stats, faults });
  const url = await listen(server, resolved);

  return {
    url,
    demoCustomers,
    sampleSkus: books.catalogue.skusFrom(0, 24),
    card: (sku) => cardOf(books.catalogue, sku),
    stats: () => stats.read(),
    resetStats: () => stats.reset(),
    setFault(fault) {
      checkFault(fault);
      faults.set(fault);
      capacity.setWorkers(fault?.kind === "brownout" ? fault.workers : null);
      if (fault?.kind === "down" && strikesAll(fault)) dropAll(server, capacity);
    },
    async stop() {
      if (!server.listening) return;
      const closed = once(server, "close");
      server.close();
      dropAll(server, capacity);
      faults.set(null); // lets go of the calls that hang
      await closed;
    },
  };
}

interface Parts {
  readonly books: Books;
  readonly capacity: Capacity;
  readonly stats: CallStats;
  readonly faults: FaultSwitch;
}

function createServerOf(resolved: ResolvedOptions, { books, capacity, stats, faults }: Parts): Server {
  const { token, shuffle, random, latencyMs, perLineMs } = resolved;
  return createPortServer({
    token,
    endpoints: createEndpoints(books, (lines) => (shuffle ? shuffled(lines, random) : lines)),
    pages: {
      "/demo/stats": () => stats.read(),
      "/demo/customers": () => ({ customers: demoCustomers }),
      "/demo/products": (query) => {
        const { skus, next } = readProductPage(books.catalogue, query);
        return { products: skus.map((sku) => cardOf(books.catalogue, sku)), next };
      },
    },
    runner: new CallRunner({ capacity, faults, stats, latencyMs, perLineMs, random }),
    stats,
    faults,
  });
}

async function listen(server: Server, { port, host }: ResolvedOptions): Promise<URL> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new Error(`cannot listen on port ${port} of ${host}: choose another, or 0 for a free one`, { cause });
  }
  const { port: taken } = server.address() as AddressInfo;
  return new URL(`http://${host.includes(":") ? `[${host}]` : host}:${taken}`);
}

function dropAll(server: Server, capacity: Capacity): void {
  server.closeAllConnections();
  capacity.clear();
}
