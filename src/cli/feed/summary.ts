import type { LeftOutReason } from "../../feed/formats/feed-format.js";
import type { Counts, SkusBy } from "./tally.js";
import { tellDuration } from "./tell-duration.js";

/** What a whole run came to; `--summary` writes it as JSON. */
export interface Summary {
  readonly kind: "full" | "delta";
  readonly gateway: string;
  readonly format: string;
  readonly files: readonly string[];
  /** RFC 3339. Of a run that was cut off: its very beginning. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly seconds: number;
  readonly counts: Counts;
}

/** SKUs that are named for each reason; the rest is in the JSON. */
const namedSkus = 5;

const meanings: Record<LeftOutReason, string> = {
  unread: "price or stock could not be read",
  untaxed: "the ERP tells no tax rate, and the price is told with tax",
  unnameable: "the SKU has no place in this format",
  unpriceable: "the channel takes no such price",
  packed: "it is sold by several at once alone",
};

/** For a person; SKUs are the ERP's words, so they are quoted. */
export function tellSummary({ kind, files, seconds, counts }: Summary): string {
  const { items, priced, notForSale, removed, lastKnown, answers, answersFromErp } = counts;
  const share = answers === 0 ? 0 : Math.round((100 * answersFromErp) / answers);
  const details = [
    `${priced} with a price`,
    ...(notForSale === 0 ? [] : [`${notForSale} not for sale`]),
    ...(removed === 0 ? [] : [`${removed} removed`]),
    ...(lastKnown === 0 ? [] : [`${lastKnown} by last known answers`]),
    `${share} % asked of the ERP now`,
  ];
  return [
    `${kind === "full" ? "Everything" : "What changed"}: ${items} items in ${tellDuration(seconds * 1000)} (${details.join(", ")})`,
    ...files.map((file) => `  written to ${file}`),
    ...tellSkus("without a price", counts.unpriced, (code) => code),
    ...tellSkus("without a stock", counts.withoutStock, (code) => code),
    ...tellSkus("left out, wholly or in part", counts.leftOut, (reason) => meanings[reason as LeftOutReason]),
    "",
  ].join("\n");
}

/** Whether something that should have been told was not. */
export function hasUntold({ unpriced, withoutStock, leftOut }: Counts): boolean {
  return [unpriced, withoutStock, leftOut].some((skusBy) => Object.keys(skusBy).length > 0);
}

function tellSkus(what: string, skusBy: SkusBy<string>, tell: (why: string) => string): string[] {
  return Object.entries(skusBy).map(([why, skus = []]) => {
    const named = skus.slice(0, namedSkus).map((sku) => JSON.stringify(sku));
    const more = skus.length > namedSkus ? ", …" : "";
    return `  ${skus.length} ${what}, ${tell(why)}: ${named.join(", ")}${more}`;
  });
}
