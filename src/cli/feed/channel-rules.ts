import type { Command } from "commander";
import { anyProductType, type Channel, type ChannelRules, channelOf } from "../../feed/formats/feed-format.js";
import type { FeedFlags } from "./feed-flags.js";

/** What FEED_SAFETY_STOCK says of a channel, as the gateway would tell it. @throws {Error} where the environment is none of a gateway's */
export type ReadSafetyStock = (channel: Channel) => string;

/**
 * How the format's marketplace is told things.
 * @throws {CommanderError} by `command.error`, where flags do not go together, or one is missing
 */
export function toChannelRules(flags: FeedFlags, readSafetyStock: ReadSafetyStock, command: Command): ChannelRules {
  const { format, tax = "gross", delta } = flags;
  const channel = channelOf(format);
  refuseStrangers(flags, channel, command);
  if (channel === "google" && delta)
    return command.error(
      "error: --delta makes no file for Google, whose source would lose all that is not in it: run in full",
    );
  const safetyStock = channel === null ? "0" : (flags.safetyStock ?? safetyStockOf(channel, readSafetyStock, command));
  return { safetyStock, tax, amazon: channel === "amazon" ? toAmazonRules(flags, command) : null };
}

/** What would be heeded by nobody is a mistake. */
function refuseStrangers(flags: FeedFlags, channel: Channel | null, command: Command): void {
  const { format, safetyStock, tax, sellerId, marketplaceId, productType } = flags;
  const forMarketplaces = { "--safety-stock": safetyStock, "--tax": tax };
  const forAmazon = { "--seller-id": sellerId, "--marketplace-id": marketplaceId, "--product-type": productType };
  const strangers = { ...(channel === null ? forMarketplaces : {}), ...(channel === "amazon" ? {} : forAmazon) };
  const [stranger] = Object.entries(strangers).find(([, value]) => value !== undefined) ?? [];
  if (stranger !== undefined) command.error(`error: ${stranger} means nothing to --format ${format}: leave it out`);
}

function safetyStockOf(channel: Channel, readSafetyStock: ReadSafetyStock, command: Command): string {
  try {
    return readSafetyStock(channel);
  } catch (error) {
    const why = (error as Error).message;
    return command.error(`error: the gateway's FEED_SAFETY_STOCK cannot be read here; give --safety-stock (${why})`);
  }
}

function toAmazonRules({ sellerId, marketplaceId, productType = anyProductType }: FeedFlags, command: Command) {
  if (sellerId === undefined || marketplaceId === undefined)
    return command.error("error: --format amazon-json needs --seller-id and --marketplace-id");
  return { sellerId, marketplaceId, productType };
}
