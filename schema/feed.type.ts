import { Field, ID, ObjectType } from "type-graphql";
import type { FeedItem } from "../src/feed/feed-page.js";

@ObjectType("FeedItem", { description: "One SKU in a feed." })
export class FeedItemType {
  @Field(() => ID, { simple: true, description: "As the ERP writes it." })
  sku!: string;

  @Field(() => Boolean, {
    simple: true,
    description: "True where the ERP no longer sells this SKU at a public price; delta runs only.",
  })
  removed!: boolean;

  /** What the fields `price` and `stock` tell. */
  read!: FeedItem;
}

@ObjectType("FeedPage", {
  simpleResolvers: true,
  description:
    "A part of a feed. With an ERP that is slow it holds fewer items than were asked: `hasNextPage` tells whether there are more.",
})
export class FeedPageType {
  @Field(() => [FeedItemType], { description: "Each SKU once in a run, over all its pages." })
  items!: FeedItemType[];

  @Field(() => Boolean, { description: "Whether the run goes on, with `after: endCursor`." })
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: "Where the next page begins. Good after a restart, too." })
  endCursor!: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      "Where a later run starts, on the last page only: the journal's head when the first page was asked. A key's first sight is no change; an invalidated SKU counts as changed.",
  })
  deltaCursor!: string | null;
}
