import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

interface Filled {
  /** The most that heap and external memory grew by, after collection. */
  readonly mostHeld: number;
  /** The most that the cache said it takes. */
  readonly mostToldBytes: number;
  readonly size: number;
}

const maxBytes = 4_000_000;
/** Compiled code and what the process itself grows by. */
const ofTheProcess = 1_000_000;

async function fill(...kinds: string[]): Promise<Filled> {
  const program = fileURLToPath(new URL("fill-cache.mjs", import.meta.url));
  const args = ["--expose-gc", program, String(maxBytes), ...kinds];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout) as Filled;
}

describe("the cache takes no more memory than it may, in a process of its own", () => {
  test.each([
    { kinds: ["small"], least: 12500 },
    { kinds: ["hundred tiers"], least: 2500 },
    { kinds: ["own tiers"], least: 750 },
    { kinds: ["long SKUs"], least: 1250 },
    { kinds: ["wide SKUs"], least: 1250 },
    { kinds: ["own texts"], least: 2000 },
    { kinds: ["long decimals"], least: 7500 },
    { kinds: ["unknown"], least: 500 },
    { kinds: ["small", "hundred tiers", "long SKUs", "own texts", "unknown", "small"], least: 5000 },
    { kinds: ["long SKUs", "small", "own tiers", "long decimals", "hundred tiers"], least: 750 },
  ])("filled with $kinds", { timeout: 120_000 }, async ({ kinds, least }) => {
    const { mostHeld, mostToldBytes, size } = await fill(...kinds);
    expect(mostHeld).toBeLessThan(maxBytes + ofTheProcess);
    expect(mostToldBytes).toBeLessThanOrEqual(maxBytes);
    expect(size).toBeGreaterThan(least);
  });
});
