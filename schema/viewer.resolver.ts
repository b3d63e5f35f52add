import { Ctx, FieldResolver, Query, Resolver } from "type-graphql";
import { CustomerUnknown } from "../src/errors.js";
import { Audience } from "./audience.type.js";
import type { RequestContext } from "./context.js";
import { CustomerType, toCustomer, ViewerType } from "./viewer.type.js";

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, {
    description:
      "Who is asking, and on which trading terms. Never fails for a caller whose token is good: errors stand at `customer`.",
  })
  viewer(@Ctx() { caller }: RequestContext): ViewerType {
    return { audience: caller.customer === null ? Audience.PUBLIC : Audience.CUSTOMER };
  }

  @FieldResolver(() => CustomerType, {
    nullable: true,
    description:
      "The caller's own record; null for an anonymous caller and for a machine. Errors: CUSTOMER_UNKNOWN where the ERP has no such customer; RATE_LIMITED, ERP_UNAVAILABLE, ERP_TIMEOUT, ERP_OVERLOADED, ERP_BAD_ANSWER where it could not be read.",
  })
  async customer(@Ctx() context: RequestContext): Promise<CustomerType | null> {
    const outcome = await context.loaders.readCustomer();
    switch (outcome?.kind) {
      case undefined:
        return null;
      case "found":
        return toCustomer(outcome.answer, outcome.freshness, context.now());
      case "unknown":
        throw new CustomerUnknown(context.caller.customer ?? "");
      case "failed":
        throw outcome.error;
    }
  }
}
