import type { FeedGateway } from "./gateway.js";

export interface Sweep {
  readonly seconds: number;
  readonly items: number;
  /** Items that lack a price or a stock. */
  readonly partial: number;
  /** When a quarter, a half, three quarters and all of the items were told, in s since the start. */
  readonly quarters: readonly number[];
}

/** Reads `/feeds/ndjson` to its end, or until the signal ends it. @param skus how many there are */
export async function sweep({ origin, feedToken }: FeedGateway, skus: number, signal: AbortSignal): Promise<Sweep> {
  const startedAt = performance.now();
  const elapsed = () => (performance.now() - startedAt) / 1000;
  // Unless told otherwise, `fetch` asks for gzip.
  const headers = { authorization: `Bearer ${feedToken}`, "accept-encoding": "identity" };
  const quarters: number[] = [];
  let [items, partial, rest] = [0, 0, ""];
  try {
    const { body, status } = await fetch(new URL("/feeds/ndjson", origin), { headers, signal });
    if (body === null || status !== 200) throw new Error(`/feeds/ndjson answered HTTP ${status}`);
    for await (const text of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!line.startsWith('{"sku"')) continue;
        items++;
        if (line.includes('"price":null,') || line.includes('"stock":null,')) partial++;
      }
      while (quarters.length < Math.floor((4 * items) / skus)) quarters.push(elapsed());
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return { seconds: elapsed(), items, partial, quarters };
}
