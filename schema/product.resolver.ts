import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, FieldResolver, ID, Info, Int, Query, Resolver, Root } from "type-graphql";
import type { Found, Outcome } from "../src/pricing/source.js";
import { Audience } from "./audience.type.js";
import type { RequestContext } from "./context.js";
import { noteAnswer } from "./note-answer.js";
import { PriceType, toPrice } from "./price.type.js";
import { checkSkus, type PriceArguments, toPriceTerms, toStockTerms } from "./product.args.js";
import { ProductType } from "./product.type.js";
import { readAhead } from "./read-ahead.js";
import { CurrencyScalar, DecimalScalar } from "./scalars.js";
import { StockType, seesQuantities, toStock } from "./stock.type.js";

const quantityHelp = 'How many units are bought, above 0, such as "1" or "2.5".';
const currencyHelp = "ISO 4217; null: the customer's, else the ERP's own.";
const maxAgeHelp =
  "The oldest answer that will do, in seconds; 0 asks the ERP now; null leaves it to the gateway's windows.";
/** What reading a key may meet: the caller's own budget, or the ERP. */
const readErrors = "RATE_LIMITED, ERP_UNAVAILABLE, ERP_TIMEOUT, ERP_OVERLOADED, ERP_BAD_ANSWER";

@Resolver(() => ProductType)
export class ProductResolver {
  @Query(() => ProductType, {
    nullable: true,
    description: "One product; null where the ERP knows no such SKU. Errors: BAD_USER_INPUT for an empty SKU.",
  })
  async product(
    @Arg("sku", () => ID, { description: "As the ERP writes it." }) sku: string,
    @Info() info: GraphQLResolveInfo,
    @Ctx() context: RequestContext,
  ): Promise<ProductType | null> {
    const [product] = await readProducts([sku], info, context);
    return product ?? null;
  }

  @Query(() => [ProductType], {
    nullable: "items",
    description: `Products in the order asked, null at each SKU that the ERP does not know: where the selected price at the caller's scope says
unknown (stock's word if no price is selected, the public price's if neither). What was not learnt, as with the ERP down, leaves
the product standing, its fields null with their errors. Doubles are answered twice.
Errors: BAD_USER_INPUT for an empty list, an empty SKU, or more SKUs than the server allows (200 unless set).`,
  })
  products(
    @Arg("skus", () => [ID], { description: "As the ERP writes them." }) skus: string[],
    @Info() info: GraphQLResolveInfo,
    @Ctx() context: RequestContext,
  ): Promise<(ProductType | null)[]> {
    return readProducts(skus, info, context);
  }

  @FieldResolver(() => PriceType, {
    nullable: true,
    description: `The price that this caller pays for \`quantity\` units: the customer's own when logged in, the public one otherwise.
\`currency\` null: the customer's, else the ERP's own. \`maxAgeSeconds\` bounds the age of the answer, whatever the windows: 0 asks
the ERP now, and joins a read under way only if it began after the question. Where no answer that young can be had: null with
an error, never an older one; negative is BAD_USER_INPUT. The gateway never converts currencies: an answer in another one is
ERP_BAD_ANSWER. Below the lowest break the lowest break answers; minimum and increment are not judged here; quantity 0 is BAD_USER_INPUT.
Null without an error where the ERP knows no such SKU. Errors: BAD_USER_INPUT, CUSTOMER_UNKNOWN, ${readErrors}.`,
  })
  price(
    @Root() { sku }: ProductType,
    @Ctx() context: RequestContext,
    @Arg("quantity", () => DecimalScalar, { defaultValue: "1", description: quantityHelp }) quantity: string,
    @Arg("currency", () => CurrencyScalar, { nullable: true, description: currencyHelp }) currency:
      | string
      | null
      | undefined,
    @Arg("maxAgeSeconds", () => Int, { nullable: true, description: maxAgeHelp }) maxAgeSeconds:
      | number
      | null
      | undefined,
  ): Promise<PriceType | null> {
    return readPrice(sku, { quantity, currency, maxAgeSeconds }, "CALLER", context);
  }

  @FieldResolver(() => PriceType, {
    nullable: true,
    description: `The public price, whoever asks; arguments as for \`price\`. Null without an error where the ERP knows no such SKU.
Errors: BAD_USER_INPUT, ${readErrors}.`,
  })
  publicPrice(
    @Root() { sku }: ProductType,
    @Ctx() context: RequestContext,
    @Arg("quantity", () => DecimalScalar, { defaultValue: "1", description: quantityHelp }) quantity: string,
    @Arg("currency", () => CurrencyScalar, { nullable: true, description: currencyHelp }) currency:
      | string
      | null
      | undefined,
    @Arg("maxAgeSeconds", () => Int, { nullable: true, description: maxAgeHelp }) maxAgeSeconds:
      | number
      | null
      | undefined,
  ): Promise<PriceType | null> {
    return readPrice(sku, { quantity, currency, maxAgeSeconds }, "PUBLIC", context);
  }

  @FieldResolver(() => StockType, {
    nullable: true,
    description: `What can still be promised, over the warehouses named or all. Null without an error where the ERP knows no such SKU.
Errors: BAD_USER_INPUT for an empty list of warehouses, one of more than 50, or a negative \`maxAgeSeconds\`; ${readErrors}.`,
  })
  async stock(
    @Root() { sku }: ProductType,
    @Ctx() context: RequestContext,
    @Arg("warehouses", () => [ID], { nullable: true, description: "As the ERP names them; null for all." }) warehouses:
      | string[]
      | null
      | undefined,
    @Arg("maxAgeSeconds", () => Int, { nullable: true, description: maxAgeHelp }) maxAgeSeconds:
      | number
      | null
      | undefined,
  ): Promise<StockType | null> {
    const { caller, loaders, rules } = context;
    const terms = toStockTerms({ warehouses, maxAgeSeconds }, caller.lane);
    const found = foundOrThrow(await loaders.stock.load({ ...terms, sku }), terms.maxAgeMs, context);
    if (found === null) return null;
    return toStock(found.answer, found.freshness, {
      warehouses: warehouses ?? null,
      showsQuantities: rules.stockPublicDetail === "quantity" || seesQuantities(caller),
      lowAt: rules.stockLowAt,
      now: context.now(),
    });
  }
}

/** @throws {BadUserInput} for a list or an SKU that cannot be asked */
export async function readProducts(
  skus: string[],
  info: GraphQLResolveInfo,
  context: RequestContext,
): Promise<(ProductType | null)[]> {
  checkSkus(skus, context.rules.maxSkus);
  const { loads, deciding } = readAhead(info, context.caller);
  return Promise.all(
    skus.map(async (sku) => {
      // A failed load is told at the path of the field that asked for it; here only the deciding word counts.
      const settled = await Promise.allSettled(loads.map((load) => load.of(context.loaders, sku)));
      const word = deciding === null ? undefined : settled[loads.indexOf(deciding)];
      if (deciding === null || word?.status !== "fulfilled" || word.value.kind !== "unknown") return { sku };
      noteAnswer(word.value.freshness, deciding.maxAgeMs, context);
      return null;
    }),
  );
}

async function readPrice(
  sku: string,
  args: PriceArguments,
  audience: "CALLER" | "PUBLIC",
  context: RequestContext,
): Promise<PriceType | null> {
  const { caller, loaders } = context;
  const terms = toPriceTerms(args, audience, caller.lane);
  const found = foundOrThrow(await loaders.prices.load({ ...terms, sku }), terms.maxAgeMs, context);
  if (found === null) return null;
  const isOwn = audience === "CALLER" && caller.customer !== null;
  return toPrice(found.answer, found.freshness, {
    audience: isOwn ? Audience.CUSTOMER : Audience.PUBLIC,
    quantity: terms.quantity,
    ...(isOwn ? {} : { lowestNets: context.lowestNetsOf(sku, found.answer.currency) }),
    showsPriceList: caller.scopes.has("ops"),
    now: context.now(),
  });
}

/** Null where the ERP knows no such thing. @throws the error that the key met */
function foundOrThrow<Answer>(
  outcome: Outcome<Answer>,
  maxAgeMs: number | null,
  context: RequestContext,
): Found<Answer> | null {
  if (outcome.kind === "failed") throw outcome.error;
  noteAnswer(outcome.freshness, maxAgeMs, context);
  return outcome.kind === "found" ? outcome : null;
}
