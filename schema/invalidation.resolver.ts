import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { Forbidden } from "../src/errors.js";
import type { RequestContext } from "./context.js";
import { toInvalidation } from "./invalidation.args.js";
import { InvalidateInput, InvalidationType } from "./invalidation.type.js";
import { toDateTime } from "./scalars.js";

@Resolver()
export class InvalidationResolver {
  @Mutation(() => InvalidationType, {
    description:
      "Forget cached answers, here and in every replica, before this returns, or say in `unconfirmed` which replicas did not confirm. Needs the scope `invalidate`. Errors: FORBIDDEN without it; BAD_USER_INPUT where nothing is named, or a list is empty or too long.",
  })
  async invalidate(
    @Arg("input", () => InvalidateInput, { description: "What is to be forgotten." }) input: InvalidateInput,
    @Ctx() { caller, forget }: RequestContext,
  ): Promise<InvalidationType> {
    if (!caller.scopes.has("invalidate")) {
      throw new Forbidden("Invalidating needs a token whose `scope` holds the word `invalidate`.");
    }
    const { forgotten, at, unconfirmed } = await forget(toInvalidation(input));
    return { forgotten, at: toDateTime(at), unconfirmed: [...unconfirmed] };
  }
}
