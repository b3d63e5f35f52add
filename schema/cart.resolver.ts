import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { Forbidden } from "../src/errors.js";
import type { JudgedCart } from "../src/pricing/cart/cart.js";
import { judgeCart } from "../src/pricing/cart/judge-cart.js";
import { quoteTermsOf } from "../src/pricing/cart/quote-terms.js";
import type { SignedQuote } from "../src/pricing/quotes.js";
import { toCartLines } from "./cart.args.js";
import { ValidateCartInput } from "./cart.input.js";
import { CartValidationType, toCartValidation } from "./cart.type.js";
import type { RequestContext } from "./context.js";

@Resolver()
export class CartResolver {
  @Query(() => CartValidationType, {
    description: `Is this cart still true, as the ERP sees it now? Read from the ERP, never from a stale entry. Needs the scope \`checkout\`.
What the ERP says of one line is that line's verdict, never the whole answer's; a malformed or not positive quantity, an empty or
repeated \`key\`, an empty SKU, 0 or more than 200 lines is BAD_USER_INPUT for the whole request, and the ERP is not asked.
Errors: FORBIDDEN without the scope; BAD_USER_INPUT; CUSTOMER_UNKNOWN where the ERP has no such customer.`,
  })
  async validateCart(
    @Arg("input", () => ValidateCartInput, { description: "The cart as the buyer saw it." }) input: ValidateCartInput,
    @Ctx() context: RequestContext,
  ): Promise<CartValidationType> {
    const { caller, loaders, cart, quotes, noteAnswer } = context;
    if (!caller.scopes.has("checkout")) {
      throw new Forbidden("Validating a cart needs a token whose `scope` holds the word `checkout`.");
    }
    noteAnswer(0); // true at this instant, and for this order alone
    const reading = await loaders.readCart({
      lines: toCartLines(input),
      currency: input.currency ?? null,
      breaksCount: cart.charges.breaksCount,
      ...{ quotes, askedAt: context.arrivedAt, clock: context.clock },
    });
    const judged = judgeCart(reading, cart);
    return toCartValidation(judged, await promise(judged, reading.readAt, context), reading.readAt);
  }
}

/** Null where there is nothing to promise. */
async function promise(
  judged: JudgedCart,
  now: number,
  { caller, quotes }: RequestContext,
): Promise<SignedQuote | null> {
  const terms = quoteTermsOf(judged, caller.customer);
  return terms === null ? null : quotes.sign(terms, now);
}
