import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Linux counts in hundredths of a second, whatever its own clock does. */
const ticksPerSecond = 100;

/** CPU time of a process, user and system, all threads, in seconds. */
export function readCpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Waits until the process rests, since it goes on with what its clients gave up. @returns whether it does, after 12 s at most */
export async function waitUntilIdle(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 40; tries++) {
    const before = readCpuSeconds(pid);
    await sleep(300);
    if (readCpuSeconds(pid) - before <= 0.02) return true;
  }
  return false;
}
