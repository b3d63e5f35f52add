import { ErpBadAnswer, ErpCursorLost, ErpKeepsNoChanges, ErpListsNoProducts } from "../../errors.js";
import type { Change, ChangeLog, ChangePage, ProductList } from "../../pricing/connector.js";
import { optional, parseBoolean, parseList, parseRow, parseText, shown } from "../parse.js";
import type { PortClient } from "./port-client.js";

export class PortProducts implements ProductList {
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  /** @throws {ErpListsNoProducts} for a 404 */
  async readPage(after: string | null, limit: number, signal: AbortSignal) {
    const query = new URLSearchParams({ limit: String(limit), ...(after === null ? {} : { after }) });
    const answer = await this.#client.get(`/v1/products?${query}`, signal);
    if (answer === null) throw new ErpListsNoProducts("this ERP lists no products");
    const page = parseRow(answer, "the page of products");
    return { skus: parseList(page.skus, "skus").map(parseSku), next: optional(page.next, "next", parseText) };
  }
}

export class PortChanges implements ChangeLog {
  readonly #client: PortClient;

  constructor(client: PortClient) {
    this.#client = client;
  }

  /** @throws {ErpKeepsNoChanges} for a 404. @throws {ErpCursorLost} for a 410 */
  async readChanges(since: string | null, limit: number, signal: AbortSignal): Promise<ChangePage> {
    const query = new URLSearchParams({ limit: String(limit), ...(since === null ? {} : { since }) });
    const answer = await this.#client.get(`/v1/changes?${query}`, signal).catch(toLostCursor);
    if (answer === null) throw new ErpKeepsNoChanges("this ERP keeps no changes");
    const page = parseRow(answer, "the page of changes");
    return {
      changes: parseList(page.changes, "changes").map(parseChange),
      next: parseText(page.next, "next"),
      more: parseBoolean(page.more, "more"),
    };
  }
}

function toLostCursor(error: unknown): never {
  if (error instanceof ErpBadAnswer && error.status === 410) throw new ErpCursorLost("the cursor is lost", error);
  throw error;
}

/** A text that can be no SKU is told as it is written, so that whoever asks for it learns what is wrong, and its neighbours stand. */
function parseSku(sku: unknown): string {
  if (typeof sku !== "string") throw new ErpBadAnswer(`an SKU should be a text, not ${shown(sku)}`);
  return sku;
}

const changeKinds = ["price", "stock", "customer", "removed"] as const;

function parseChange(value: unknown): Change {
  const row = parseRow(value, "a change");
  const kind = changeKinds.find((known) => known === row.kind);
  if (kind === undefined)
    throw new ErpBadAnswer(`kind should be one of ${changeKinds.join(", ")}, not ${shown(row.kind)}`);
  const sku = optional(row.sku, "sku", parseSku);
  const customer = optional(row.customer, "customer", parseText);
  const priceScope = optional(row.priceScope, "priceScope", parseText);
  return {
    kind,
    ...(sku === null ? {} : { sku }),
    ...(customer === null ? {} : { customer }),
    ...(priceScope === null ? {} : { priceScope }),
  };
}
