import { Child, findFreePort, repositoryPath } from "./child.js";

export interface BenchErp {
  readonly url: URL;
  /** Calls of the ERP port since the start. */
  countCalls(): Promise<number>;
  /** The first SKUs of its catalogue. */
  listSkus(count: number): Promise<string[]>;
  stop(): Promise<void>;
}

/** The demonstration ERP in a process of its own, so that its CPU time is nobody's else. */
export async function startErp(): Promise<BenchErp> {
  const port = await findFreePort();
  const url = new URL(`http://127.0.0.1:${port}`);
  const child = new Child({
    program: repositoryPath("dist/src/cli/pricelane.js"),
    args: ["demo-erp", "--port", String(port), "--latency", "5", "--per-line", "0"],
  });
  const statsUrl = new URL("/demo/stats", url);
  await child.waitFor(statsUrl);

  return {
    url,
    async countCalls() {
      const { calls } = await readJson<{ calls: Record<string, number> }>(statsUrl);
      return Object.values(calls).reduce((sum, count) => sum + count, 0);
    },
    async listSkus(count) {
      const skus: string[] = [];
      for (let next: string | null = ""; next !== null && skus.length < count; ) {
        const query = new URLSearchParams({ limit: "1000", ...(next === "" ? {} : { after: next }) });
        const page: { skus: string[]; next: string | null } = await readJson(new URL(`/v1/products?${query}`, url));
        skus.push(...page.skus);
        next = page.next;
      }
      return skus.slice(0, count);
    },
    stop: () => child.stop(),
  };
}

async function readJson<T>(url: URL): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered HTTP ${response.status}`);
  return (await response.json()) as T;
}
