import type { FeedPage } from "./feed-page.js";
import type { NextSkus } from "./feed-skus.js";

export interface ReadAheadOptions {
  readonly read: (slice: NextSkus) => Promise<FeedPage>;
  /** Whether more may be begun while so many SKUs are read and not taken. */
  readonly hasRoom: (held: number) => boolean;
  readonly signal: AbortSignal;
}

/**
 * The pages of a run in their order, the next ones begun while there is room. A page that was read is told at once, however long the
 * list takes to name what follows.
 * @throws what a page or a slice is rejected with, once the pages before were told
 */
export async function* readAhead(
  slices: AsyncGenerator<NextSkus, void>,
  { read, hasRoom, signal }: ReadAheadOptions,
): AsyncGenerator<FeedPage, void> {
  const begun: { readonly page: Promise<FeedPage>; readonly size: number }[] = [];
  let held = 0;
  let isListed = false;
  let beginning: Promise<undefined> | null = null;

  async function beginNext(): Promise<undefined> {
    const slice = await slices.next().catch((error: unknown) => ({ done: false as const, value: { error } }));
    beginning = null;
    isListed = slice.done === true || "error" in slice.value;
    if (slice.done || signal.aborted) return;
    const page = "error" in slice.value ? Promise.reject(slice.value.error) : read(slice.value);
    page.catch(() => {}); // it is told when its turn comes
    const size = "error" in slice.value ? 0 : slice.value.skus.length;
    begun.push({ page, size });
    held += size;
  }

  while (!signal.aborted) {
    if (!isListed && hasRoom(held)) beginning ??= beginNext();
    const [next] = begun;
    if (next === undefined && beginning === null) return;
    const page = await Promise.race([beginning, next?.page].filter((wait) => wait != null));
    if (signal.aborted) return;
    if (next === undefined || page === undefined) continue;
    begun.shift();
    held -= next.size;
    yield page;
  }
}
