import { BadUserInput } from "../../src/errors.js";
import type { Ladder } from "../../src/pricing/ladder.js";
import type { Told } from "../../src/pricing/source.js";
import type { Stock } from "../../src/pricing/stock.js";
import { Audience } from "../audience.type.js";
import type { RequestContext } from "../context.js";
import { toPrice } from "../price.type.js";
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
import { seesQuantities, toStock } from "../stock.type.js";
import { ColumnMemory } from "./column-memory.js";
import type { AnswerField, PageField, PagePlan } from "./page-plan.js";
import { NotPlain } from "./selection-writer.js";

export type Variables = Readonly<Record<string, unknown>>;
type ReadField = Extract<PageField, { readonly kind: AnswerField }>;

/** As much as a page needs to know of who asks. */
export type Asker = Pick<RequestContext, "caller" | "rules" | "now" | "noteAnswer">;

/** One field of a page for one request: what it asks of each SKU, and how its answers are written. */
export type Column = {
  readonly field: ReadField;
  /** All that the text of an answer hangs on, but the answer itself and its age. */
  readonly terms: string;
  /** @param now in ms since the epoch; null leaves gaps for the ages. @throws {NotPlain} */
  readonly write: (told: Told<Ladder | Stock>, now: number | null) => string;
} & (
  | { readonly kind: "price"; readonly question: PriceTerms }
  | { readonly kind: "stock"; readonly question: StockTerms }
);

/** @throws {NotPlain} for bad arguments */
export function readSkus(plan: PagePlan, variables: Variables, maxSkus: number): readonly string[] {
  const { sku, skus = [sku] } = readArguments(plan.root, variables) as { sku?: string; skus?: string[] };
  orNotPlain(() => checkSkus(skus as string[], maxSkus));
  return skus as string[];
}

/** What one request asks of each SKU, and how it is written. */
export interface Columns {
  readonly list: readonly Column[];
  /** The index of the one whose word decides whether the ERP knows an SKU. */
  readonly deciding: number;
  /** All that a product's text hangs on, but the answers. */
  readonly terms: string;
}

const memory = new ColumnMemory<Columns>();

/** The same object for all who are shown the same of the same answers, as long as it is remembered. @throws {NotPlain} for bad arguments */
export function columnsOf(plan: PagePlan, variables: Variables, asker: Asker): Columns {
  const { caller, rules } = asker;
  const id = `${caller.lane} ${caller.customer === null} ${caller.scopes.has("ops")} ${rules.stockPublicDetail} ${rules.stockLowAt}`;
  const before = plan.asksTheSame ? memory.ofAsker(plan, id) : null;
  return before ?? memory.settle(plan, plan.asksTheSame ? id : null, createColumns(plan, variables, asker));
}

function createColumns(plan: PagePlan, variables: Variables, asker: Asker): Columns {
  const list = plan.answers.map((field) =>
    field.kind === "stock"
      ? stockColumn(field, readArguments(field, variables) as unknown as StockArguments, asker)
      : priceColumn(field, readArguments(field, variables) as unknown as PriceArguments, asker),
  );
  const deciding = decidingColumn(list, asker);
  const terms = list.map(({ terms, question }) => JSON.stringify([terms, question]));
  return { list, deciding, terms: [deciding, ...terms].join("\n") };
}

/** As {@link readAhead} has it. */
function decidingColumn(columns: readonly Column[], { caller }: Asker): number {
  const of = (kind: AnswerField) => columns.findIndex(({ field }) => field.kind === kind);
  const own = caller.customer === null ? [of("price"), of("publicPrice")] : [of("price")];
  return [...own, of("stock"), of("publicPrice")].find((index) => index >= 0) as number;
}

function priceColumn(field: ReadField, args: PriceArguments, { caller }: Asker): Column {
  const audience = field.kind === "price" ? "CALLER" : "PUBLIC";
  const question = orNotPlain(() => toPriceTerms(args, audience, caller.lane));
  const options = {
    audience: audience === "CALLER" && caller.customer !== null ? Audience.CUSTOMER : Audience.PUBLIC,
    quantity: question.quantity,
    showsPriceList: caller.scopes.has("ops"),
  };
  const terms = `${options.audience} ${options.quantity} ${options.showsPriceList}`;
  const write: Column["write"] = (told, now) => {
    if (told.kind === "unknown") return "null";
    const { answer, freshness } = told as Extract<Told<Ladder>, { kind: "found" }>;
    return field.writer.write(answer, terms, () => toPrice(answer, freshness, { ...options, now: 0 }), freshness, now);
  };
  return { kind: "price", field, terms, question, write };
}

function stockColumn(field: ReadField, args: StockArguments, { caller, rules }: Asker): Column {
  const question = orNotPlain(() => toStockTerms(args, caller.lane));
  const warehouses = args.warehouses ?? null;
  const showsQuantities = rules.stockPublicDetail === "quantity" || seesQuantities(caller);
  const options = { warehouses, showsQuantities, lowAt: rules.stockLowAt };
  const terms = `${warehouses === null ? "" : JSON.stringify(warehouses)} ${showsQuantities} ${rules.stockLowAt}`;
  const write: Column["write"] = (told, now) => {
    if (told.kind === "unknown") return "null";
    const { answer, freshness } = told as Extract<Told<Stock>, { kind: "found" }>;
    return field.writer.write(answer, terms, () => toStock(answer, freshness, { ...options, now: 0 }), freshness, now);
  };
  return { kind: "stock", field, terms, question, write };
}

function readArguments(
  { node, definition }: Pick<PagePlan["root"], "node" | "definition">,
  variableValues: Variables,
): Readonly<Record<string, unknown>> {
  const args = argumentsOf(definition, node, { variableValues });
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
