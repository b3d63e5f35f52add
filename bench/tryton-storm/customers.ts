import type { RunningTryton } from "../../test/support/tryton.js";

export interface Viewer {
  readonly code: string;
  /** Tryton's id of the party. */
  readonly party: number;
  /** Tryton's id of its price list, null for none of its own. */
  readonly priceList: number | null;
  /** Those of its page. */
  readonly skus: readonly string[];
}

interface PartyRow {
  readonly id: number;
  readonly code: string;
  readonly sale_price_list: number | null;
}

/** Its price is a formula that fails, for the customers of two lists: one search over a page with it fails whole. */
const poisonedSku = "TOOL-006";

/** As many customers as wanted, those beyond the provisioned ones made by Tryton's own call, with its price lists in turn. */
export async function createViewers(
  tryton: RunningTryton,
  count: number,
  skusPerPage: number,
  random: () => number,
): Promise<Viewer[]> {
  const lists = (await tryton.asAdmin("model.product.price_list.search", [], 0, null, [["id", "ASC"]])) as number[];
  const known = tryton.expected.customers.map(({ code }) => code);
  const made = Array.from({ length: count - known.length }, (_, n) => `STORM-${n + 1}`);
  const values = made.map((code, n) => ({ code, name: code, sale_price_list: lists[n % lists.length] }));
  await tryton.asAdmin("model.party.party.create", values);
  const fields = ["code", "sale_price_list"];
  const domain = [["code", "in", [...known, ...made]]];
  const order = [["id", "ASC"]];
  const parties = await tryton.asAdmin("model.party.party.search_read", domain, 0, null, order, fields);
  const skus = await readPlainSkus(tryton);
  return (parties as PartyRow[]).map(({ id, code, sale_price_list: priceList }) => {
    return { code, party: id, priceList, skus: draw(skus, skusPerPage, random) };
  });
}

/** Those with one product of that code, and a price for everybody: what a page must show whole. */
async function readPlainSkus({ asAdmin, expected }: RunningTryton): Promise<string[]> {
  const domain = [["code", "in", expected.sellable]];
  const rows = (await asAdmin("model.product.product.search_read", domain, 0, null, null, ["code"])) as {
    code: string;
  }[];
  const products = (sku: string) => rows.filter(({ code }) => code === sku).length;
  return expected.sellable.filter((sku) => sku !== poisonedSku && products(sku) === 1);
}

function draw(from: readonly string[], count: number, random: () => number): string[] {
  const left = [...from];
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0] as string);
}
