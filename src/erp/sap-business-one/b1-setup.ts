import type { Clock } from "../../clock.js";
import { dayAt } from "../calendar.js";
import type { B1Api } from "./b1-api.js";
import { specialPricesQuery } from "./b1-breaks.js";
import type { DiscountMeaning } from "./b1-discount.js";
import { findDiscountMeaning } from "./b1-discount.js";
import { isOfQuestion } from "./b1-errors.js";
import type { Ground } from "./b1-ground.js";
import { toQuery } from "./b1-query.js";
import type { SessionSource } from "./b1-session.js";

export interface SetupOptions {
  readonly publicPriceList: number;
  readonly publicCustomer: string | null;
  readonly warehouses: readonly string[] | null;
  readonly discount: DiscountMeaning | null;
  readonly timeZone: string;
  readonly clock: Clock;
  readonly api: B1Api;
  readonly sessions: SessionSource;
  readonly readGround: (signal: AbortSignal) => Promise<Ground>;
}

/** What the connector was written for: SAP Business One 10.0. */
const knownMajor = "100";

/** What is wrong with how it was set up, each with its mend. */
export async function checkB1Setup(options: SetupOptions, signal: AbortSignal): Promise<string[]> {
  const { api, sessions, readGround, publicPriceList, publicCustomer, warehouses } = options;
  const said: string[] = [];
  const { version } = await sessions.read(signal);
  if (!version.startsWith(knownMajor)) {
    said.push(
      `this is SAP Business One ${version}, and the connector was written for 10.0 (100…): compare some prices`,
    );
  }
  const { priceLists } = await readGround(signal);
  if (publicCustomer === null && !priceLists.has(publicPriceList)) {
    const known = [...priceLists.keys()].join(", ");
    said.push(`SAPB1_PUBLIC_PRICE_LIST is ${publicPriceList}, and the price lists are: ${known || "none"}`);
  }
  const missing = await missingWarehouses(api, warehouses ?? [], signal);
  if (missing.length > 0) said.push(`SAPB1_WAREHOUSES names ${missing.join(", ")}, and there is no such warehouse`);
  const [specials] = await api.readLists([specialPricesQuery(["-"], [])], signal);
  if (specials instanceof Error) {
    if (!isOfQuestion(specials)) throw specials;
    const unknown = options.discount === null ? `, and ${untilDiscountIsSet}` : "";
    said.push(
      `SAPB1_USER may not read special prices: prices are told for the quantity asked alone, and no quantity breaks${unknown} (docs/erp/sap-business-one.md)`,
    );
    return said;
  }
  return [...said, ...(await discountSaid(options, signal))];
}

async function missingWarehouses(api: B1Api, codes: readonly string[], signal: AbortSignal): Promise<string[]> {
  if (codes.length === 0) return [];
  const rows = await api.readRows(toQuery("Warehouses", { $select: "WarehouseCode" }), signal);
  const known = new Set(rows.map((row) => row["WarehouseCode"]));
  return codes.filter((code) => !known.has(code));
}

const untilDiscountIsSet = "where a price has a discount it is ERP_BAD_ANSWER until SAPB1_DISCOUNT is set";

const meanings: Readonly<Record<DiscountMeaning, string>> = {
  included: "with its discount taken off",
  apart: "before its discount",
};

async function discountSaid({ api, discount, clock, timeZone }: SetupOptions, signal: AbortSignal): Promise<string[]> {
  const found = await findDiscountMeaning(api, dayAt(clock.now(), timeZone), signal);
  if (discount !== null && found !== null && discount !== found) {
    return [
      `SAPB1_DISCOUNT is ${discount}, and by a special price of theirs prices are told ${meanings[found]}: set it to ${found}`,
    ];
  }
  if (discount !== null || found !== null) return [];
  return [
    `whether prices are told with their discount taken off could not be found out, since no customer has a plain special price: ${untilDiscountIsSet} (docs/erp/sap-business-one.md)`,
  ];
}
