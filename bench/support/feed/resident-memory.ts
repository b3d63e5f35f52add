import { readFileSync } from "node:fs";

export interface MemorySample {
  /** Since the sampling began, in ms. */
  readonly atMs: number;
  readonly bytes: number;
}

const everyMs = 100;

/** Looks at the resident memory of a process from outside, over and over. @returns what stops it and gives what was seen */
export function watchMemory(pid: number): () => MemorySample[] {
  const startedAt = performance.now();
  const samples: MemorySample[] = [];
  const look = () => samples.push({ atMs: performance.now() - startedAt, bytes: residentBytes(pid) });
  look();
  const timer = setInterval(look, everyMs);
  return () => {
    clearInterval(timer);
    look();
    return samples;
  };
}

/** As Linux counts it. */
export function residentBytes(pid: number): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status tells no VmRSS: run this on Linux`);
  return Number(kilobytes) * 1024;
}
