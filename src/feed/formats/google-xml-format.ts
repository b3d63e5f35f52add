import type { ChannelRules, FeedFormat, OnLeftOut } from "./feed-format.js";
import { googleAttributes, toGoogleRow } from "./google-row.js";

const head = `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">
<channel>
<title>Prices and availability</title>
<link></link>
<description></description>
`;

/** The same as RSS 2.0 with Google's namespace. */
export function createGoogleXmlFormat(rules: ChannelRules, onLeftOut: OnLeftOut): FeedFormat {
  return {
    name: "google-xml",
    contentType: "application/xml; charset=utf-8",
    fileExtension: "xml",
    ...{ mostItems: null, mostBytes: null },
    begin: () => head,
    item(record) {
      const row = toGoogleRow(record, rules, onLeftOut);
      if (row === null) return "";
      const told = googleAttributes.filter((name) => row[name] !== "");
      return `<item>${told.map((name) => `<g:${name}>${escapeXml(row[name])}</g:${name}>`).join("")}</item>\n`;
    },
    end: () => "</channel>\n</rss>\n",
  };
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** Of an element's text. */
function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (character) => entities[character] as string);
}
