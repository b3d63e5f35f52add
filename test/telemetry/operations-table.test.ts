import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/telemetry/metrics.js";

/** Name and type of each metric. */
async function exported(): Promise<string[]> {
  const metrics = createMetrics({ processMetrics: false });
  const text = await metrics.text();
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`).sort();
}

function documented(): string[] {
  const text = readFileSync("docs/operations.md", "utf8");
  return [...text.matchAll(/^\| `(pricelane_\w+)` \| (\w+) \|/gm)].map(([, name, type]) => `${name} ${type}`).sort();
}

test("the table of docs/operations.md names every metric with its type, and none that is not there", async () => {
  const names = await exported();
  expect(names.length).toBeGreaterThan(15);
  expect(documented()).toEqual(names);
});
