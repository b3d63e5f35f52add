import type { ChannelRules, FeedFormat, OnLeftOut } from "./feed-format.js";
import { googleAttributes, toGoogleRow } from "./google-row.js";

/** A supplemental source for the Google Merchant Center, tab-separated. */
export function createGoogleTsvFormat(rules: ChannelRules, onLeftOut: OnLeftOut): FeedFormat {
  return {
    name: "google-tsv",
    contentType: "text/tab-separated-values; charset=utf-8",
    fileExtension: "tsv",
    ...{ mostItems: null, mostBytes: null },
    begin: () => `${googleAttributes.join("\t")}\n`,
    item(record) {
      // A quote at the wrong place makes one field of everything up to the next; no other column can hold one.
      if (record.sku.includes('"')) {
        onLeftOut(record.sku, "unnameable");
        return "";
      }
      const row = toGoogleRow(record, rules, onLeftOut);
      return row === null ? "" : `${googleAttributes.map((name) => row[name]).join("\t")}\n`;
    },
    end: () => "",
  };
}
