import { Pool } from "undici";
import type { LoadOrder, LoadReport } from "./load-generator.js";

// The process of the load generator: takes one order after the other from the process that started it.

process.on("message", async (order: LoadOrder) => {
  process.send?.(await run(order));
});
process.channel?.ref(); // there is always another order to wait for
process.send?.({ ready: true });

/** Posts the pages in turn, `connections` at once, and compares every answer. */
async function run({ url, headers, pages, requests, connections }: LoadOrder): Promise<LoadReport> {
  const { origin, pathname: path } = new URL(url);
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const expected = pages.map(({ answer }) => Buffer.from(answer));
  const latencies = new Float64Array(requests);
  let sent = 0;
  let wrong = 0;

  async function client(): Promise<void> {
    while (sent < requests) {
      const index = sent++;
      const page = index % pages.length;
      const startedAt = performance.now();
      const { body } = await pool.request({ method: "POST", path, headers, body: pages[page]?.body ?? "" });
      const answer = withoutLineEnd(Buffer.from(await body.arrayBuffer()));
      latencies[index] = performance.now() - startedAt;
      if (expected[page]?.equals(answer) !== true) wrong++;
    }
  }

  const startedAt = performance.now();
  await Promise.all(Array.from({ length: connections }, client));
  const seconds = (performance.now() - startedAt) / 1000;
  await pool.close();
  latencies.sort();
  const quantile = (share: number) => latencies[Math.min(requests - 1, Math.floor(share * requests))] ?? 0;
  return { seconds, wrong, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

/** Some servers end their JSON with a line end, others do not: nobody is wrong for that. */
function withoutLineEnd(answer: Buffer): Buffer {
  return answer.at(-1) === 0x0a ? answer.subarray(0, -1) : answer;
}
