import { BadUserInput } from "../../src/errors.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Outcome } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { Audience } from "../audience.type.js";
import type { RequestContext } from "../context.js";
import { noteAnswer } from "../note-answer.js";
import { type PriceOptions, toPrice } from "../price.type.js";
import {
  checkSkus,
  type PriceArguments,
  type PriceTerms,
  type StockArguments,
  type StockTerms,
  toPriceTerms,
  toStockTerms,
} from "../product.args.js";
import { argumentsOf } from "../selection.js";
import { type StockOptions, seesQuantities, toStock } from "../stock.type.js";
import type { AnswerField, PageField, PagePlan } from "./page-plan.js";
import { NotPlain } from "./selection-writer.js";

type Variables = Readonly<Record<string, unknown>>;
type ReadField = Extract<PageField, { readonly kind: AnswerField }>;

/** One field of the page with what was read for it, an outcome for each SKU. */
interface Column {
  readonly field: ReadField;
  readonly maxAgeMs: number | null;
  readonly outcomes: readonly Outcome<Ladder | Stock>[];
  /** @throws {NotPlain} for an outcome that is an error, which graphql-js tells at its path */
  readonly write: (outcome: Outcome<Ladder | Stock>) => string;
}

/**
 * Answers a page in one go: each kind of answer is read once for the whole list, and written without a field being resolved.
 * @returns the JSON text of `data`
 * @throws {NotPlain} where graphql-js has to answer: bad arguments, or an answer that is an error. What was read is kept
 * with the loaders, so that nothing is asked twice.
 */
export async function writePage(plan: PagePlan, variables: Variables, context: RequestContext): Promise<string> {
  const skus = readSkus(plan, variables, context);
  const columns = await readColumns(plan, skus, variables, context);
  const deciding = decidingColumn(columns, context);
  const products = skus.map((sku, index) => writeProduct(plan, sku, index, columns, deciding, context));
  const text = plan.isList ? `[${products.join(",")}]` : (products[0] ?? "null");
  return `{${plan.responseName}:${text}}`;
}

function readSkus(plan: PagePlan, variables: Variables, context: RequestContext): readonly string[] {
  const { sku, skus = [sku] } = readArguments(plan.root, variables) as { sku?: string; skus?: string[] };
  orNotPlain(() => checkSkus(skus as string[], context.rules.maxSkus));
  return skus as string[];
}

async function readColumns(
  plan: PagePlan,
  skus: readonly string[],
  variables: Variables,
  context: RequestContext,
): Promise<Column[]> {
  const drafts = plan.answers.map((field) => draftColumn(field, readArguments(field, variables), context));
  const prices = drafts.filter((draft) => draft.kind === "price");
  const stocks = drafts.filter((draft) => draft.kind === "stock");
  const [ladders, stock] = await Promise.all([
    context.loaders.readPrices(prices.flatMap(({ terms }) => skus.map((sku) => ({ ...terms, sku })))),
    context.loaders.readStock(stocks.flatMap(({ terms }) => skus.map((sku) => ({ ...terms, sku })))),
  ]);
  return drafts.map((draft): Column => {
    const outcomes = draft.kind === "price" ? ladders : stock;
    const start = (draft.kind === "price" ? prices.indexOf(draft) : stocks.indexOf(draft)) * skus.length;
    return { ...draft, maxAgeMs: draft.terms.maxAgeMs, outcomes: outcomes.slice(start, start + skus.length) };
  });
}

type Draft = Pick<Column, "field" | "write"> &
  ({ readonly kind: "price"; readonly terms: PriceTerms } | { readonly kind: "stock"; readonly terms: StockTerms });

function draftColumn(field: ReadField, args: unknown, context: RequestContext): Draft {
  const { caller, rules } = context;
  if (field.kind === "stock") {
    const terms = orNotPlain(() => toStockTerms(args as StockArguments, caller.lane));
    const warehouses = (args as StockArguments).warehouses ?? null;
    const showsQuantities = rules.stockPublicDetail === "quantity" || seesQuantities(caller);
    const options = { warehouses, showsQuantities, lowAt: rules.stockLowAt };
    return { kind: "stock", field, terms, write: stockWriter(field, options, context) };
  }
  const audience = field.kind === "price" ? "CALLER" : "PUBLIC";
  const terms = orNotPlain(() => toPriceTerms(args as PriceArguments, audience, caller.lane));
  const options = {
    audience: audience === "CALLER" && caller.customer !== null ? Audience.CUSTOMER : Audience.PUBLIC,
    quantity: terms.quantity,
    showsPriceList: caller.scopes.has("ops"),
  };
  return { kind: "price", field, terms, write: priceWriter(field, options, context) };
}

function priceWriter(field: ReadField, options: Omit<PriceOptions, "now">, context: RequestContext): Column["write"] {
  const terms = `${options.audience} ${options.quantity} ${options.showsPriceList}`;
  return (outcome) => {
    if (outcome.kind === "unknown") return "null";
    if (outcome.kind === "failed") throw new NotPlain("an error");
    const { answer, freshness } = outcome as Extract<Outcome<Ladder>, { kind: "found" }>;
    const now = context.now();
    return field.writer.write(answer, terms, () => toPrice(answer, freshness, { ...options, now }), freshness, now);
  };
}

function stockWriter(field: ReadField, options: Omit<StockOptions, "now">, context: RequestContext): Column["write"] {
  const terms = `${JSON.stringify(options.warehouses)} ${options.showsQuantities}`;
  return (outcome) => {
    if (outcome.kind === "unknown") return "null";
    if (outcome.kind === "failed") throw new NotPlain("an error");
    const { answer, freshness } = outcome as Extract<Outcome<Stock>, { kind: "found" }>;
    const now = context.now();
    return field.writer.write(answer, terms, () => toStock(answer, freshness, { ...options, now }), freshness, now);
  };
}

/** The column whose word decides whether the ERP knows an SKU, as {@link readAhead} has it. */
function decidingColumn(columns: readonly Column[], { caller }: RequestContext): Column {
  const of = (kind: AnswerField) => columns.find(({ field }) => field.kind === kind);
  const own = of("price") ?? (caller.customer === null ? of("publicPrice") : undefined);
  return (own ?? of("stock") ?? of("publicPrice")) as Column;
}

function writeProduct(
  plan: PagePlan,
  sku: string,
  index: number,
  columns: readonly Column[],
  deciding: Column,
  context: RequestContext,
): string {
  const word = deciding.outcomes[index];
  if (word?.kind === "unknown") {
    noteAnswer(word.freshness, deciding.maxAgeMs, context);
    return "null";
  }
  let text = "";
  let column = 0;
  for (const field of plan.fields) {
    text += field.text;
    if (field.kind === "text") continue;
    if (field.kind === "sku") text += JSON.stringify(sku);
    else {
      const { outcomes, maxAgeMs, write } = columns[column++] as Column;
      const outcome = outcomes[index] as Outcome<Ladder | Stock>;
      text += write(outcome);
      if (outcome.kind !== "failed") noteAnswer(outcome.freshness, maxAgeMs, context);
    }
  }
  return `${text}}`;
}

function readArguments(
  { node, definition }: Pick<PagePlan["root"], "node" | "definition">,
  variableValues: Variables,
): Record<string, unknown> {
  const args = argumentsOf(definition, node, { fragments: {}, variableValues });
  if (args === null) throw new NotPlain("bad arguments");
  return args;
}

function orNotPlain<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof BadUserInput) throw new NotPlain("bad input");
    throw error;
  }
}
