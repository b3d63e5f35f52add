import { createAmazonFormat } from "./amazon-format.js";
import type { ChannelRules, FeedFormat, FeedFormatName, OnLeftOut } from "./feed-format.js";
import { createGoogleTsvFormat } from "./google-tsv-format.js";
import { createGoogleXmlFormat } from "./google-xml-format.js";
import { createNdjsonFormat } from "./ndjson-format.js";

type Create = (rules: ChannelRules, onLeftOut: OnLeftOut) => FeedFormat;

const formats: Readonly<Record<FeedFormatName, Create>> = {
  ndjson: createNdjsonFormat,
  "google-tsv": createGoogleTsvFormat,
  "google-xml": createGoogleXmlFormat,
  "amazon-json": createAmazonFormat,
};

/**
 * Makes what writes one file.
 * @param onLeftOut told of each SKU that the file says nothing of
 */
export function createFeedFormat(
  name: FeedFormatName,
  rules: ChannelRules,
  onLeftOut: OnLeftOut = () => {},
): FeedFormat {
  return formats[name](rules, onLeftOut);
}
