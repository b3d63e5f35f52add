import type { Clock } from "../../clock.js";
import { FeedEnded, TryAgain } from "./feed-ended.js";
import type { FeedAddress } from "./open-feed.js";
import type { PartialFile } from "./partial-file.js";
import type { Patience } from "./patience.js";
import { pause } from "./pause.js";
import { type ReceivedPage, readPages } from "./read-pages.js";
import type { FeedState, UnfinishedRun } from "./run-state.js";

export type RunningState = FeedState & { readonly run: UnfinishedRun };

export interface ReceiveOptions {
  readonly gateway: URL;
  readonly open: (address: FeedAddress) => AsyncIterable<Uint8Array>;
  readonly partial: Pick<PartialFile, "append">;
  readonly save: (state: RunningState) => Promise<void>;
  readonly patience: Patience;
  readonly clock: Clock;
  /** Aborted when the run is to end, with a {@link FeedEnded} as the reason. */
  readonly signal: AbortSignal;
  readonly onPage: (page: ReceivedPage) => void;
  readonly onNote: (note: string) => void;
}

/**
 * Receives what is left of a run, page by page; each is kept before the next one counts.
 * @returns the state once the last page is kept
 * @throws {FeedEnded} where it cannot, or not in time; what was kept stays good
 * @throws {CursorLost} where the gateway cannot go on from where the run is
 */
export async function receiveRun(start: RunningState, options: ReceiveOptions): Promise<RunningState> {
  let state = start;
  const keep = async (page: ReceivedPage) => {
    state = await keepPage(state, page, options);
    options.patience.onPage();
    options.onPage(page);
  };
  while (!state.run.isReceived) {
    try {
      await readOn(state.run, keep, options);
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason;
      if (!(error instanceof TryAgain)) throw error;
      await waitOrGiveUp(error, options);
    }
  }
  return state;
}

async function readOn(
  { endCursor, changedSince }: UnfinishedRun,
  keep: (page: ReceivedPage) => Promise<void>,
  { gateway, open, signal }: ReceiveOptions,
): Promise<void> {
  for await (const page of readPages(open({ gateway, after: endCursor, changedSince }))) {
    await keep(page);
    signal.throwIfAborted();
  }
}

async function keepPage(state: RunningState, page: ReceivedPage, options: ReceiveOptions): Promise<RunningState> {
  const { endCursor, hasNextPage, deltaCursor } = page.cursor;
  const bytes = await options.partial.append(page.bytes);
  const items = state.run.items + page.records.length;
  const progress = { endCursor, deltaCursor, isReceived: !hasNextPage, bytes, items, keptAt: options.clock.now() };
  const next = { ...state, run: { ...state.run, ...progress } };
  await options.save(next);
  return next;
}

async function waitOrGiveUp(error: TryAgain, { patience, clock, signal, onNote }: ReceiveOptions): Promise<void> {
  const waitMs = patience.nextWait(error.retryAfterMs);
  if (waitMs === null)
    throw new FeedEnded("cutOff", `${error.message}; given up. The same command goes on with what was kept`);
  onNote(`${error.message}; asking again in ${Math.ceil(waitMs / 1000)} s`);
  await pause(waitMs, clock, signal);
  signal.throwIfAborted();
}
