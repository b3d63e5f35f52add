import { type DemoErp, startDemoErp } from "../../../src/erp/demo/demo-erp.js";
import type { DemoErpOptions } from "../../../src/erp/demo/options.js";

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** Starts an ERP that answers at once unless `options` say otherwise, and stops it after `use`. */
export async function withErp<T>(options: DemoErpOptions, use: (erp: DemoErp) => Promise<T>): Promise<T> {
  const erp = await startDemoErp({ latencyMs: 0, perLineMs: 0, skus: 300, ...options });
  try {
    return await use(erp);
  } finally {
    await erp.stop();
  }
}

/** POST where there is a body, else GET. A text is sent as it stands. */
export async function ask(erp: DemoErp, path: string, body?: unknown, init: RequestInit = {}): Promise<Answered> {
  const sent =
    body === undefined ? {} : { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) };
  const response = await fetch(new URL(path, erp.url), { ...sent, ...init });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.includes("json") === true;
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : { text } };
}

/** Lets the event loop turn until something has come true. Fails after so many turns that it never will. */
export async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 100_000; turn++) {
    if (isTrue()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error("what was waited for did not come true");
}
