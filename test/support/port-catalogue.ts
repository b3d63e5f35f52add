import { json, problem } from "./port-answers.js";
import type { PortFake, RecordedCall } from "./port-fake.js";

interface FakeChange {
  readonly kind: "price" | "stock" | "customer" | "removed";
  readonly sku?: string;
}

/** What a fake ERP lists and tells of changes: SKUs in their order, cursors that are the last SKU, as most ERPs have them. */
export class PortCatalogue {
  skus: string[];
  readonly changes: FakeChange[] = [];
  /** Whether `/v1/changes` is kept; else 404. */
  readonly keepsChanges: boolean;

  constructor(erp: PortFake, skus: readonly string[], keepsChanges = false) {
    this.skus = [...skus];
    this.keepsChanges = keepsChanges;
    erp.answer("other", (call, regular) => {
      if (call.path.startsWith("/v1/products")) return this.#products(call);
      if (call.path.startsWith("/v1/changes") && keepsChanges) return this.#changes(call);
      return regular;
    });
  }

  #products({ path }: RecordedCall) {
    const query = new URL(path, "http://erp").searchParams;
    const after = query.get("after");
    const from = after === null ? 0 : this.skus.findIndex((sku) => sku > after);
    const skus = from < 0 ? [] : this.skus.slice(from, from + Number(query.get("limit")));
    const isEnd = from < 0 || from + skus.length >= this.skus.length;
    return json({ skus, next: isEnd ? null : skus.at(-1) });
  }

  #changes({ path }: RecordedCall) {
    const since = new URL(path, "http://erp").searchParams.get("since");
    if (since !== null && Number(since) > this.changes.length) return problem(410);
    const changes = since === null ? [] : this.changes.slice(Number(since));
    return json({ changes, next: String(this.changes.length), more: false });
  }
}
