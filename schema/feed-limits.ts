import type { GraphQLObjectType } from "graphql";
import { BadUserInput } from "../src/errors.js";
import { measureFields } from "./extent.js";
import type { Operation } from "./key-count.js";
import { selectedFields } from "./selection.js";

/** Fields below one page of the feed: three times what an item has, so that only doubles get past it. */
const mostFields = 200;

/**
 * A page of the feed is a bound of its own, 1000 items for callers that are trusted with it: its keys and fields are not counted among
 * those of other questions. So that it stays one, a request asks for one.
 */
export function refuseFeeds(operation: Operation): BadUserInput | null {
  const query = operation.schema.getQueryType() as GraphQLObjectType;
  const feeds = selectedFields(operation.definition.selectionSet, operation).filter(
    ({ name }) => query.getFields()[name.value]?.name === "feed",
  );
  if (feeds.length > 1)
    return new BadUserInput(`The request asks for ${feeds.length} pages of the feed: ask for one at a time.`);
  const measure = measureFields((name) => operation.fragments[name]);
  const fields = feeds.reduce((sum, { selectionSet }) => sum + measure(selectionSet), 0);
  if (fields <= mostFields) return null;
  return new BadUserInput(
    `A page of the feed would have ${fields} fields an item, and at most ${mostFields} are told: leave doubles out.`,
  );
}
