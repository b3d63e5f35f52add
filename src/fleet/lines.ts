import { type Invalidation, type KeyNames, type Reach, touchesKind, whereToLook } from "../pricing/invalidation.js";
import type { AnswerKind } from "../pricing/source.js";
import { linesPerKey } from "./scripts.js";
import type { Seal } from "./seal.js";

const kinds = ["price", "stock", "customer"] as const satisfies readonly AnswerKind[];
const dimensions = ["sku", "customer", "priceScope"] as const;

/** An invalidation of more names than this, counted for each kind, draws one line through all answers of the kind. */
const mostNames = 1_000;

/** The lines in time that may stand before an answer, by their names in the store; one for each place, "-" where there is none. */
export function linesOf(seal: Seal, kind: AnswerKind, names: KeyNames): string[] {
  const ofNames = dimensions.map((dimension) => {
    const name = names[dimension];
    return name === undefined ? "-" : lineOf(seal, kind, dimension, name);
  });
  return [lineOf(seal, kind), ...ofNames].slice(0, linesPerKey);
}

/** The lines that an invalidation draws: through all that it touches, and something more where it names several lists. */
export function linesToDraw(seal: Seal, invalidation: Invalidation, reach: Reach): string[] {
  const where = whereToLook(invalidation, reach);
  return kinds
    .filter((kind) => touchesKind(invalidation, kind))
    .flatMap((kind) => {
      if (where === "everything") return [lineOf(seal, kind)];
      const named = dimensions.flatMap((dimension) =>
        [...(where[dimension] ?? [])].map((name) => ({ dimension, name })),
      );
      if (named.length > mostNames) return [lineOf(seal, kind)];
      return named.map(({ dimension, name }) => lineOf(seal, kind, dimension, name));
    });
}

function lineOf(seal: Seal, kind: AnswerKind, ...of: readonly string[]): string {
  return `l:${seal.name("line", kind, ...of)}`;
}
