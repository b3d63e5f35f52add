import { writeFileSync } from "node:fs";
import { repositoryPath } from "./support/child.js";
import { type Ground, onGround } from "./support/ground.js";
import { byFunction, byPackage, type Share } from "./support/profile-summary.js";
import { toTable } from "./support/report.js";
import { runRound, warmUp } from "./support/rounds.js";

// Question: where does the gateway's CPU time go on the hit path? Run after a build of the benchmarks:
//   node dist-bench/bench/hit-path-profile.bench.js [SKUs per page, 24 unless told]

const connections = 8;
const mostRows = 16;

async function profile({ gateway, load, workloads: [workload] }: Ground) {
  if (workload === undefined) throw new Error("no size to profile");
  const requests = await warmUp(gateway, workload, load, { warmUpSeconds: 3, roundSeconds: 6, connections });
  await gateway.child.startProfile();
  await runRound(gateway, workload, load, requests, connections);
  return gateway.child.stopProfile();
}

function toShareTable(title: string, shares: readonly Share[]): string {
  const rows = shares.slice(0, mostRows).map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]);
  return toTable([title, "self time"], rows);
}

const size = Number(process.argv[2] ?? 24);
if (!Number.isInteger(size) || size < 1 || size > 200) {
  throw new Error(`SKUs per page must be a whole number from 1 to 200; got ${process.argv[2]}`);
}
const found = await onGround([size], profile);
const path = repositoryPath("dist-bench/hit-path.cpuprofile");
writeFileSync(path, JSON.stringify(found));
process.stdout.write(
  `${toShareTable("package", byPackage(found))}\n\n${toShareTable("function", byFunction(found))}\n`,
);
process.stdout.write(`\nTo open in a browser's developer tools: ${path}\n`);
