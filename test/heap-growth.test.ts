import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";

const built = new URL("../dist/src/heap-growth.js", import.meta.url);

/** Replaces some 100 MB of objects over and over. Tells the most heap that V8 held of them, in MB. */
const program = `
  import { memoryUsage } from "node:process";
  import { boundHeapGrowth } from ${JSON.stringify(built.href)};
  const [isBound, ...execArgv] = process.argv.slice(1);
  if (isBound === "bound") boundHeapGrowth(execArgv);
  const kept = new Array(1_000_000);
  let most = 0;
  for (let put = 0; put < 8_000_000; put++) {
    kept[put % kept.length] = { put, text: String(put), list: [put] };
    if (put % 50_000 === 0) most = Math.max(most, memoryUsage().heapTotal);
  }
  console.log(Math.round(most / 2 ** 20));
`;

async function mostHeap(...args: readonly string[]): Promise<number> {
  const flags = ["--input-type=module", "--max-old-space-size=2048", "--eval", program];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, ...args], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
  });
  return Number(stdout);
}

describe("the growth of the heap", () => {
  test("is bound to a part of what is in use, unless the process was started with a bound of its own", async () => {
    const [free, bound, own] = await Promise.all([
      mostHeap("free"),
      mostHeap("bound"),
      mostHeap("bound", "--heap_growing_percent=400"),
    ]);
    expect(bound).toBeLessThan(0.8 * free);
    expect(own).toBeGreaterThan(bound / 0.8);
  }, 60_000);
});
