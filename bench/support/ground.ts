import { authSecrets, mintCustomerToken } from "./bench-customer.js";
import type { RunningContender } from "./contender.js";
import { startGateway } from "./contenders/gateway.js";
import { type BenchErp, startErp } from "./demo-erp.js";
import { type LoadGenerator, startLoadGenerator } from "./load-generator.js";
import { pageCount, recordWorkload, type Workload } from "./workload.js";

/** What a measurement of the hit path stands on: a gateway whose cache holds all pages, and somebody to ask it. */
export interface Ground {
  readonly erp: BenchErp;
  readonly gateway: RunningContender;
  readonly load: LoadGenerator;
  /** One for each size asked. */
  readonly workloads: readonly Workload[];
}

/** Starts all, lets `measure` work on it, and stops all, whatever happened. @param sizes SKUs per page */
export async function onGround<Result>(sizes: readonly number[], measure: (ground: Ground) => Promise<Result>) {
  const stops: (() => Promise<void>)[] = [];
  try {
    const erp = await startErp();
    stops.push(() => erp.stop());
    const gateway = await startGateway(erp.url, authSecrets);
    stops.push(() => gateway.child.stop());
    const load = await startLoadGenerator();
    stops.push(() => load.stop());

    const token = await mintCustomerToken();
    const skus = await erp.listSkus(pageCount * Math.max(...sizes));
    const workloads: Workload[] = [];
    for (const size of sizes) workloads.push(await recordWorkload(gateway.url, token, skus, size));
    return await measure({ erp, gateway, load, workloads });
  } finally {
    await Promise.all(stops.map((stop) => stop()));
  }
}
