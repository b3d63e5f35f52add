import { fileURLToPath } from "node:url";
import { Child } from "./support/child.js";
import { minimumOf, startFeedErp } from "./support/feed/erp.js";
import { watchMemory } from "./support/feed/resident-memory.js";
import type { SweepReport } from "./support/feed/sweep.js";

const plan = {
  skus: Number(process.env["SKUS"] ?? 100_000),
  latencyMs: Number(process.env["LAT"] ?? 40),
  perLineMs: 0.2,
  workers: 8,
  keysPerCall: 500,
  skusPerPage: 1000,
};
const erp = await startFeedErp(plan);
const child = new Child({
  program: fileURLToPath(new URL("support/feed/sweep-process.js", import.meta.url)),
  env: {
    NODE_ENV: "production",
    LOG_LEVEL: "info",
    CHANGES_POLL_SECONDS: "0",
    ERP_CONNECTOR: "port",
    ERP_URL: erp.url.href,
    ...(process.env["NO"] ? { NODE_OPTIONS: process.env["NO"] } : {}),
    ...JSON.parse(process.env["EXTRA"] ?? "{}"),
    AUTH_SECRETS: "bench:a-key-for-benchmarks-on-the-loopback-alone",
    ...(process.env["JF"] ? { JOURNAL_FILE: process.env["JF"] } : {}),
  },
});
await child.nextMessage();
const pid = (child as unknown as { pid: number }).pid;
for (let run = 0; run < Number(process.env["RUNS"] ?? 1); run++) {
  await erp.takeStats();
  const e0 = await erp.child.usage();
  const stop = watchMemory(pid);
  if (process.env["PROF"]) await child.startProfile();
  const report = await child.exchange<SweepReport>({ skus: plan.skus, pageSize: Number(process.env["PS"] ?? 500) });
  if (process.env["PROF"]) {
    const { writeFileSync } = await import("node:fs");
    writeFileSync(process.env["PROF"], JSON.stringify(await child.stopProfile()));
  }
  const mem = stop();
  const min = minimumOf(plan);
  const e1 = await erp.child.usage();
  const rssAt = (s: number) => Math.round((mem.findLast((m) => m.atMs <= s * 1000 + 1)?.bytes ?? 0) / 2 ** 20);
  console.log(
    JSON.stringify(
      {
        ...report,
        min,
        ratio: (report.seconds * 1000) / min.allMs,
        ratioItems: (report.seconds * 1000) / min.itemsMs,
        rss0: rssAt(0),
        rss: report.quarters.map(rssAt),
        peak: Math.round(Math.max(...mem.map((m) => m.bytes)) / 2 ** 20),
        erpCpu: (e1.cpuMicros - e0.cpuMicros) / 1e6,
        stats: await erp.takeStats(),
      },
      null,
      1,
    ),
  );
}
if (process.env["GC"]) console.log(JSON.stringify(await child.exchange({ gc: true, snap: process.env["SNAP"] })));
await child.stop();
await erp.stop();
