import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { amazonId, amazonProductType, type FeedFormatName, feedFormatNames } from "../../feed/formats/feed-format.js";
import { isDecimal } from "../../pricing/decimal.js";

/** What the command line says, as commander hands it over. */
export interface FeedFlags {
  readonly out: string;
  readonly format: FeedFormatName;
  readonly url: URL;
  readonly delta?: true;
  readonly fullIfLost?: true;
  readonly fresh?: true;
  readonly allowEmpty?: true;
  readonly allowShrink?: true;
  readonly state?: string;
  readonly summary?: string;
  readonly tokenFile?: string;
  readonly safetyStock?: string;
  readonly tax?: "gross" | "net";
  readonly sellerId?: string;
  readonly marketplaceId?: string;
  readonly productType?: string;
  readonly giveUpAfter: number;
  readonly strict?: true;
  readonly quiet?: true;
}

export function addFeedFlags(command: Command): Command {
  return command
    .requiredOption("--out <file>", "where to write it: beside it first, and renamed when whole", parsePath)
    .addOption(new Option("--format <name>", "how to write it").choices(feedFormatNames).default("ndjson"))
    .option("--url <url>", "the running gateway", parseUrl, new URL("http://127.0.0.1:4000/"))
    .option("--delta", "only what changed since the last run that was whole")
    .option("--full-if-lost", "with --delta: run in full where nobody can tell any more what changed")
    .option("--fresh", "start over, rather than go on with a run that was cut off")
    .option("--allow-empty", "replace the file also where nothing is for sale any more")
    .option("--allow-shrink", "replace the file also where less than half is left of what was for sale")
    .option("--state <file>", "what is remembered between runs (default: <out>.state.json)", parsePath)
    .option("--summary <file>", "write the summary there as JSON, with every SKU that could not be told", parsePath)
    .option(
      "--token-file <file>",
      "a token with the scope feed (default: PRICELANE_TOKEN, else one is minted)",
      parsePath,
    )
    .option(
      "--safety-stock <decimal>",
      "units that the marketplace is told less than there are (default: FEED_SAFETY_STOCK)",
      parseUnits,
    )
    .addOption(
      new Option("--tax <side>", "which price the marketplace is told (default: gross)").choices(["gross", "net"]),
    )
    .option("--seller-id <id>", "amazon-json: your merchant token", parseAmazonId)
    .option("--marketplace-id <id>", "amazon-json: such as A13V1IB3VIYZZH for France", parseAmazonId)
    .option("--product-type <type>", "amazon-json: of all offers (default: PRODUCT)", parseProductType)
    .option(
      "--give-up-after <seconds>",
      "how long to ask again in vain before the run ends, to be gone on with later",
      parseSeconds,
      300,
    )
    .option("--strict", "exit code 4 where something could not be told")
    .option("--quiet", "no progress and no summary, only problems");
}

/** Of one file there is one name, wherever the command is given. */
function parsePath(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It must not be empty.");
  return resolve(text);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError("Give the gateway's address, such as http://127.0.0.1:4000.");
  if (url.username !== "" || url.password !== "")
    throw new InvalidArgumentError("Leave name and password out: who asks is told by a token.");
  if (url.search !== "" || url.hash !== "") throw new InvalidArgumentError("Leave out what follows ? or #.");
  // So that what is asked for lies below it, where a proxy gives the gateway a path of its own.
  if (!url.pathname.endsWith("/")) url.pathname += "/";
  return url;
}

function parseUnits(text: string): string {
  if (isDecimal(text) && !text.startsWith("-")) return text;
  throw new InvalidArgumentError("Give a decimal from 0, such as 2.");
}

function parseAmazonId(text: string): string {
  if (amazonId.test(text)) return text;
  throw new InvalidArgumentError("Give an id as Amazon writes it, such as A13V1IB3VIYZZH.");
}

function parseProductType(text: string): string {
  if (amazonProductType.test(text)) return text;
  throw new InvalidArgumentError("Give a product type as Amazon writes it, such as PRODUCT.");
}

function parseSeconds(text: string): number {
  const seconds = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= 86_400) return seconds;
  throw new InvalidArgumentError("Give a whole number of seconds, 1 to 86400 (a day).");
}
