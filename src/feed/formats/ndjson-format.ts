import type { FeedFormat } from "./feed-format.js";
import type { FeedRecord } from "./feed-record.js";

/** Everything, an item a line. The lines between the items are written by who knows the run. */
export function createNdjsonFormat(): FeedFormat {
  return {
    name: "ndjson",
    contentType: "application/x-ndjson",
    fileExtension: "ndjson",
    ...{ mostItems: null, mostBytes: null },
    begin: () => "",
    item: (record: FeedRecord) => `${JSON.stringify(record)}\n`,
    end: () => "",
  };
}
