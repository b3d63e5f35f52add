import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, createUnionType, Field, Info, ObjectType, Query, Resolver } from "type-graphql";
import { BadUserInput } from "../../src/errors.js";
import type { RequestContext } from "../context.js";
import { readProducts } from "../product.resolver.js";
import { ProductType } from "../product.type.js";
import { printSubgraph } from "./print-subgraph.js";
import { type Representation, RepresentationScalar } from "./representation.scalar.js";

@ObjectType("_Service", { description: "What a router asks a subgraph of itself." })
export class ServiceType {
  @Field(() => String, { description: "The schema of this subgraph, for a router's composition." })
  sdl!: string;
}

const EntityUnion = createUnionType({
  name: "_Entity",
  description: "What other subgraphs may refer to.",
  types: () => [ProductType] as const,
  resolveType: () => ProductType,
});

/** The two fields by which a router of Apollo Federation uses this gateway as one of its subgraphs. */
@Resolver()
export class EntitiesResolver {
  @Query(() => [EntityUnion], {
    nullable: "items",
    description: `Products by their key, in the order asked, as \`products\` tells them: null at each SKU that the ERP does not know.
Errors: BAD_USER_INPUT for an empty list or one too long.`,
  })
  async _entities(
    @Arg("representations", () => [RepresentationScalar], { description: "At most as many as `products` takes SKUs." })
    representations: Representation[],
    @Info() info: GraphQLResolveInfo,
    @Ctx() context: RequestContext,
  ): Promise<(ProductType | null)[]> {
    const { maxSkus } = context.rules;
    if (representations.length === 0 || representations.length > maxSkus) {
      throw new BadUserInput(
        `\`representations\` holds ${representations.length} keys, and 1 to ${maxSkus} are answered at once (MAX_SKUS): raise that limit, or ask for less.`,
      );
    }
    return readProducts(
      representations.map(({ sku }) => sku),
      info,
      context,
    );
  }

  @Query(() => ServiceType, { description: "What a router asks a subgraph of itself." })
  _service(@Info() { schema }: GraphQLResolveInfo): ServiceType {
    return { sdl: printSubgraph(schema) };
  }
}
