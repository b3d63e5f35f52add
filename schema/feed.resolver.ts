import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import { BadUserInput, Forbidden } from "../src/errors.js";
import type { FeedItem, FeedWants } from "../src/feed/feed-page.js";
import { mostItems } from "../src/feed/feed-reader.js";
import type { RequestContext } from "./context.js";
import { FeedItemType, FeedPageType } from "./feed.type.js";
import { toFeedPrice, toFeedStock } from "./feed-record.js";
import { PriceType } from "./price.type.js";
import { selectedFields } from "./selection.js";
import { StockType } from "./stock.type.js";

const readErrors = "ERP_UNAVAILABLE, ERP_TIMEOUT, ERP_OVERLOADED, ERP_BAD_ANSWER";

@Resolver(() => FeedItemType)
export class FeedResolver {
  @Query(() => FeedPageType, {
    description: `A page of everything that is for sale at public prices, for marketplace feeds. Needs the scope \`feed\`. \`first\` is 1 to 1000.
With \`changedSince\` (a \`deltaCursor\` of an earlier run) only what changed since. A malformed cursor, or one that the journal no longer
reaches, is BAD_USER_INPUT with \`extensions.reason: CURSOR_LOST\`: run in full.
Errors: FORBIDDEN, BAD_USER_INPUT, and where the ERP's list of products cannot be read ${readErrors}, the last with
\`extensions.reason: PRODUCTS_NOT_LISTED\` where it has none.`,
  })
  async feed(
    @Arg("first", () => Int, { defaultValue: 500, description: "Most items of the page, 1 to 1000." }) first: number,
    @Arg("after", () => String, { nullable: true, description: "The `endCursor` of the page before." }) after:
      | string
      | null
      | undefined,
    @Arg("changedSince", () => String, {
      nullable: true,
      description: "The `deltaCursor` of an earlier run, on every page of this one; null to run in full.",
    })
    changedSince: string | null | undefined,
    @Info() info: GraphQLResolveInfo,
    @Ctx() { caller, readFeedPage }: RequestContext,
  ): Promise<FeedPageType> {
    if (!caller.scopes.has("feed")) throw new Forbidden("The feed needs a token whose `scope` holds the word `feed`.");
    if (first < 1 || first > mostItems)
      throw new BadUserInput(`\`first\` should be from 1 to ${mostItems}, not ${first}.`);
    const start = { after: after ?? null, changedSince: changedSince ?? null };
    const page = await readFeedPage({ ...start, first, wants: wantsOf(info) });
    return { ...page, items: page.items.map(toItem) };
  }

  @FieldResolver(() => PriceType, {
    nullable: true,
    description: `The public price of one unit, in the ERP's own currency. Null without an error where the ERP lists the SKU and has no public price for
it: it is not for sale. Errors: ${readErrors}.`,
  })
  price(@Root() { read }: FeedItemType, @Ctx() { caller, now, lowestNetsOf }: RequestContext): PriceType | null {
    return toFeedPrice(read, { showsPriceList: caller.scopes.has("ops"), lowestNetsOf, now: now() });
  }

  @FieldResolver(() => StockType, {
    nullable: true,
    description: `Over all warehouses, with quantities. Null without an error where the ERP tells no stock of the SKU. Errors: ${readErrors}.`,
  })
  stock(@Root() { read }: FeedItemType, @Ctx() { rules, now }: RequestContext): StockType | null {
    return toFeedStock(read, { stockLowAt: rules.stockLowAt, now: now() });
  }
}

function toItem(read: FeedItem): FeedItemType {
  return { sku: read.sku, removed: read.isRemoved, read };
}

/** What the selection shows is read, and nothing else. */
function wantsOf(info: GraphQLResolveInfo): FeedWants {
  const below = info.fieldNodes.flatMap((root) => selectedFields(root.selectionSet, info));
  const items = below.filter(({ name }) => name.value === "items");
  const names = new Set(items.flatMap((node) => selectedFields(node.selectionSet, info)).map(({ name }) => name.value));
  return { price: names.has("price"), stock: names.has("stock") };
}
