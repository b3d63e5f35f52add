import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, loadavg, release, type } from "node:os";
import { repositoryPath } from "./child.js";

export interface Commit {
  /** Short. */
  readonly commit: string;
  /** Whether what was measured differs from the commit. */
  readonly hasChanges: boolean;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  readonly node: string;
}

/** Folders and files that decide what is measured, and how. */
const measured = [
  "src",
  "schema",
  "loaders",
  "bench/*.ts",
  "bench/support",
  "bench/peers",
  "*package.json",
  "*package-lock.json",
];

/** @throws {Error} outside a git working tree */
export function readCommit(): Commit {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: repositoryPath(""), encoding: "utf8" }).trim();
  return {
    commit: git("rev-parse", "--short=7", "HEAD"),
    hasChanges: git("status", "--porcelain", "--", ...measured) !== "",
  };
}

export function readMachine(): Machine {
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** The load average of the last minute: above the number of cores, others had a hand in the figures. */
export function readLoadAverage(): number {
  return Math.round((loadavg()[0] ?? 0) * 100) / 100;
}
