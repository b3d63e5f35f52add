import { BadUserInput } from "../../errors.js";
import type { FeedStart } from "../../feed/feed-page.js";
import type { AmazonRules, FeedFormatName } from "../../feed/formats/feed-format.js";

/** What a stream is asked for, by the query of its address. */
export interface FeedRequest {
  readonly start: FeedStart;
  readonly tax: "gross" | "net";
  readonly amazon: AmazonRules | null;
}

const cursors = ["after", "changedSince"] as const;

const parameters: Readonly<Record<FeedFormatName, readonly string[]>> = {
  ndjson: cursors,
};

/** @param search the query of the address, with its "?", or "". @throws {BadUserInput} naming the parameter and the mend */
export function parseFeedRequest(format: FeedFormatName, search: string): FeedRequest {
  const given = new URLSearchParams(search);
  const known = parameters[format];
  for (const name of new Set(given.keys())) {
    if (!known.includes(name))
      throw new BadUserInput(
        `\`${name.slice(0, 60)}\` is no parameter here: leave it out, or name one of ${known.join(", ")}.`,
      );
    if (given.getAll(name).length > 1) throw new BadUserInput(`\`${name}\` stands twice: name it once.`);
  }
  const start = { after: given.get("after"), changedSince: given.get("changedSince") };
  return { start, tax: "gross", amazon: null };
}
