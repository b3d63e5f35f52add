import { BadUserInput } from "../src/errors.js";
import type { CartLine } from "../src/pricing/cart/cart.js";
import { isPositive } from "../src/pricing/decimal.js";
import type { CartLineInput, ValidateCartInput } from "./cart.input.js";
import { checkName, checkSku } from "./product.args.js";

/** Most lines of one cart. */
export const maxCartLines = 200;

/** Most mistakes that are named at once: enough to mend a form by, and no answer larger than the question. */
const namedMistakes = 20;

/** @throws {BadUserInput} naming every line that cannot be taken, and why */
export function toCartLines({ lines, quote: quoteOfAll }: ValidateCartInput): CartLine[] {
  if (lines.length === 0) throw new BadUserInput("`lines` is empty: give at least one line.");
  if (lines.length > maxCartLines) {
    throw new BadUserInput(
      `\`lines\` holds ${lines.length} lines, and at most ${maxCartLines} are validated at once: split the cart.`,
    );
  }
  const seen = new Set<string>();
  const mistakes = lines.flatMap((line, index) => {
    const found = mistakesOf(line, seen).map((mistake) => `Line ${index + 1}: ${mistake}`);
    seen.add(line.key);
    return found;
  });
  if (mistakes.length > 0) throw new BadUserInput(toMessage(mistakes));
  return lines.map(({ key, sku, quantity, shownNet, quote, warehouse }) => ({
    ...{ key, sku, quantity },
    ...{ shownNet: shownNet ?? null, quote: quote ?? quoteOfAll ?? null, warehouse: warehouse ?? null },
  }));
}

function mistakesOf({ key, sku, quantity, shownNet, warehouse }: CartLineInput, seen: ReadonlySet<string>) {
  const mistakes = [
    key === "" ? "The key is empty: give each line its own." : refusalOf(() => checkName(key, "key")),
    refusalOf(() => checkSku(sku)),
    refusalOf(() => warehouse == null || checkName(warehouse, "warehouse")),
  ].filter((mistake) => mistake !== null);
  if (seen.has(key)) mistakes.push(`The key ${JSON.stringify(key)} stands on a line before: give each line its own.`);
  if (!isPositive(quantity)) mistakes.push(`\`quantity\` should be above 0, not ${quantity}.`);
  if (shownNet?.startsWith("-")) mistakes.push(`\`shownNet\` should be 0 or more, not ${shownNet}.`);
  return mistakes;
}

function refusalOf(check: () => unknown): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof BadUserInput) return error.clientMessage;
    throw error;
  }
}

function toMessage(mistakes: readonly string[]): string {
  const more = mistakes.length - namedMistakes;
  const named = mistakes.slice(0, namedMistakes).join(" ");
  return more > 0 ? `${named} And ${more} more.` : named;
}
