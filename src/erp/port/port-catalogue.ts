import { ErpBadAnswer } from "../../errors.js";
import type { Change, ChangeLog, ChangePage, ProductList } from "../../pricing/connector.js";
import { optional, parseBoolean, parseList, parseRow, parseText, shown } from "../parse.js";
import type { PortClient } from "./port-client.js";

export class PortProducts implements ProductList {
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  async readPage(after: string | null, limit: number, signal: AbortSignal) {
    const query = new URLSearchParams({ limit: String(limit), ...(after === null ? {} : { after }) });
    const page = parseRow(await this.#client.get(`/v1/products?${query}`, signal), "the page of products");
    const skus = parseList(page.skus, "skus").map((sku) => parseText(sku, "an SKU"));
    return { skus, next: optional(page.next, "next", parseText) };
  }
}

export class PortChanges implements ChangeLog {
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  /** @throws {ErpBadAnswer} also where the ERP answers 404: it keeps no changes */
  async readChanges(since: string | null, limit: number, signal: AbortSignal): Promise<ChangePage> {
    const query = new URLSearchParams({ limit: String(limit), ...(since === null ? {} : { since }) });
    const answer = await this.#client.get(`/v1/changes?${query}`, signal);
    if (answer === null) throw new ErpBadAnswer("this ERP keeps no changes");
    const page = parseRow(answer, "the page of changes");
    return {
      changes: parseList(page.changes, "changes").map(parseChange),
      next: parseText(page.next, "next"),
      more: parseBoolean(page.more, "more"),
    };
  }
}

const changeKinds = ["price", "stock", "customer", "removed"] as const;

function parseChange(value: unknown): Change {
  const row = parseRow(value, "a change");
  const kind = changeKinds.find((known) => known === row.kind);
  if (kind === undefined)
    throw new ErpBadAnswer(`kind should be one of ${changeKinds.join(", ")}, not ${shown(row.kind)}`);
  const sku = optional(row.sku, "sku", parseText);
  const customer = optional(row.customer, "customer", parseText);
  const priceScope = optional(row.priceScope, "priceScope", parseText);
  return {
    kind,
    ...(sku === null ? {} : { sku }),
    ...(customer === null ? {} : { customer }),
    ...(priceScope === null ? {} : { priceScope }),
  };
}
