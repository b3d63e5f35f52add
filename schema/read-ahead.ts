import type { GraphQLObjectType, GraphQLResolveInfo } from "graphql";
import type { Loaders } from "../loaders/loaders.js";
import { BadUserInput } from "../src/errors.js";
import type { Caller } from "../src/pricing/caller.js";
import type { Lane, Outcome } from "../src/pricing/source.js";
import {
  type PriceArguments,
  type PriceTerms,
  type StockArguments,
  type StockTerms,
  toPriceTerms,
  toStockTerms,
} from "./product.args.js";
import { argumentsOf, selectedFields } from "./selection.js";

/** What one field below a product will ask of every SKU. */
interface Load {
  readonly maxAgeMs: number | null;
  /** Loads it for one SKU; the loader keeps it for that field. */
  readonly of: (loaders: Loaders, sku: string) => Promise<Outcome<unknown>>;
}

/** What the fields below a list of products will ask of every SKU, read from the selection before they run. */
export interface ReadAhead {
  readonly loads: readonly Load[];
  /** The one of `loads` whose word decides whether the ERP knows the SKU; null where nothing can be asked. */
  readonly deciding: Load | null;
}

/**
 * The price at the caller's scope decides; without one the stock does; without either the public price, which is then
 * asked even where nothing selects it. A field with bad arguments asks nothing: it says what is wrong at its own path.
 */
export function readAhead(info: GraphQLResolveInfo, caller: Caller): ReadAhead {
  const product = info.schema.getType("Product") as GraphQLObjectType;
  const asked: Record<"price" | "publicPrice" | "stock", Load[]> = { price: [], publicPrice: [], stock: [] };
  let hasBadArguments = false;
  for (const node of info.fieldNodes.flatMap((root) => selectedFields(root.selectionSet, info))) {
    const name = node.name.value;
    if (name !== "price" && name !== "publicPrice" && name !== "stock") continue;
    const definition = product.getFields()[name];
    if (definition === undefined) continue;
    const load = toLoad(name, argumentsOf(definition, node, info), caller.lane);
    if (load === null) hasBadArguments = true;
    else asked[name].push(load);
  }
  const loads = [...asked.price, ...asked.publicPrice, ...asked.stock];
  const ownPrice = caller.customer === null ? [...asked.price, ...asked.publicPrice] : asked.price;
  const deciding = ownPrice[0] ?? asked.stock[0] ?? asked.publicPrice[0] ?? null;
  if (deciding !== null || hasBadArguments) return { loads, deciding };
  const publicPrice = loadPrice(toPriceTerms({ quantity: "1" }, "PUBLIC", caller.lane));
  return { loads: [publicPrice], deciding: publicPrice };
}

function toLoad(name: "price" | "publicPrice" | "stock", args: unknown, lane: Lane): Load | null {
  if (args === null) return null;
  try {
    if (name === "stock") return loadStock(toStockTerms(args as StockArguments, lane));
    return loadPrice(toPriceTerms(args as PriceArguments, name === "price" ? "CALLER" : "PUBLIC", lane));
  } catch (error) {
    if (error instanceof BadUserInput) return null;
    throw error;
  }
}

function loadPrice(terms: PriceTerms): Load {
  return { maxAgeMs: terms.maxAgeMs, of: (loaders, sku) => loaders.prices.load({ ...terms, sku }) };
}

function loadStock(terms: StockTerms): Load {
  return { maxAgeMs: terms.maxAgeMs, of: (loaders, sku) => loaders.stock.load({ ...terms, sku }) };
}
