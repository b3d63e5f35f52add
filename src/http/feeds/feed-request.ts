import { BadUserInput } from "../../errors.js";
import type { FeedStart } from "../../feed/feed-page.js";
import {
  type AmazonRules,
  amazonId,
  amazonProductType,
  anyProductType,
  type FeedFormatName,
} from "../../feed/formats/feed-format.js";

/** What a stream is asked for, by the query of its address. */
export interface FeedRequest {
  readonly start: FeedStart;
  readonly tax: "gross" | "net";
  readonly amazon: AmazonRules | null;
}

/** A supplemental file of Google's stands for the whole of its source, so a part of a run makes no file. */
const parameters: Readonly<Record<FeedFormatName, readonly string[]>> = {
  ndjson: ["after", "changedSince"],
  "google-tsv": ["tax"],
  "google-xml": ["tax"],
  "amazon-json": ["sellerId", "marketplaceId", "productType", "tax", "after", "changedSince"],
};

/** @param search the query of the address, with its "?", or "". @throws {BadUserInput} naming the parameter and the mend */
export function parseFeedRequest(format: FeedFormatName, search: string): FeedRequest {
  const given = new URLSearchParams(search);
  const known = parameters[format];
  for (const name of new Set(given.keys())) {
    if (!known.includes(name)) {
      const shown = name.slice(0, 60);
      throw new BadUserInput(`\`${shown}\` is no parameter here: leave it out; there is ${known.join(", ")}.`);
    }
    if (given.getAll(name).length > 1) throw new BadUserInput(`\`${name}\` stands twice: name it once.`);
  }
  return {
    start: { after: given.get("after"), changedSince: given.get("changedSince") },
    tax: parseTax(given.get("tax") ?? "gross"),
    amazon: format === "amazon-json" ? parseAmazonRules(given) : null,
  };
}

function parseTax(text: string): FeedRequest["tax"] {
  if (text === "gross" || text === "net") return text;
  throw new BadUserInput(`\`tax\` should be gross or net, not ${JSON.stringify(text.slice(0, 60))}.`);
}

function parseAmazonRules(given: URLSearchParams): AmazonRules {
  return {
    sellerId: parseText(given, "sellerId", amazonId, "the seller's id at Amazon, such as A2EXAMPLE9XYZ"),
    marketplaceId: parseText(given, "marketplaceId", amazonId, "a marketplace's id, such as A13V1IB3VIYZZH for France"),
    productType: given.has("productType")
      ? parseText(given, "productType", amazonProductType, "a product type of Amazon's, such as PRODUCT")
      : anyProductType,
  };
}

function parseText(given: URLSearchParams, name: string, pattern: RegExp, wanted: string): string {
  const text = given.get(name);
  if (text !== null && pattern.test(text)) return text;
  const found = text === null ? "and is missing" : `not ${JSON.stringify(text.slice(0, 60))}`;
  throw new BadUserInput(`\`${name}\` should be ${wanted}, ${found}.`);
}
