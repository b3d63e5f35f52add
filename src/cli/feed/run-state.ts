import { createHash } from "node:crypto";
import type { ChannelRules, FeedFormatName } from "../../feed/formats/feed-format.js";
import { FeedEnded } from "./feed-ended.js";
import { readTextIfThere, writeWhole } from "./files.js";

/** What a state is of: another of these tells another feed, and what one told is nothing to the other. */
export interface FeedTarget {
  readonly gateway: string;
  readonly format: FeedFormatName;
  readonly rules: ChannelRules;
}

/** A run under way, or cut off. */
export interface UnfinishedRun {
  readonly kind: "full" | "delta";
  /** The file it is for, by its whole path. */
  readonly out: string;
  /** Of a delta: where it starts. */
  readonly changedSince: string | null;
  /** Where the next page begins; null at the start. */
  readonly endCursor: string | null;
  /** Whether the last page is there. */
  readonly isReceived: boolean;
  readonly deltaCursor: string | null;
  /** How many bytes of what was received are known to be whole. */
  readonly bytes: number;
  readonly items: number;
  /** ms since the epoch. */
  readonly startedAt: number;
  /** When the last page was kept, likewise. */
  readonly keptAt: number;
}

/** What is remembered of runs that were whole. */
export interface WholeRuns {
  /** Where the next delta starts; null before the first run. */
  readonly deltaCursor: string | null;
  /** Items of the last full run, to tell how far the next one is; null before the first. */
  readonly fullItems: number | null;
  /** Those of them that were for sale; left out by earlier versions. */
  readonly fullForSale?: number;
  /** By target: how many files were written, where a format is cut. */
  readonly parts: Readonly<Record<string, number>>;
}

export interface FeedState {
  readonly target: FeedTarget;
  readonly run: UnfinishedRun | null;
  readonly whole: WholeRuns;
}

const layout = "pricelane-feed-state-1";

export const noWholeRuns: WholeRuns = { deltaCursor: null, fullItems: null, parts: {} };

/** @returns null where there is none. @throws {FeedEnded} for one that cannot be used */
export async function readState(path: string): Promise<FeedState | null> {
  const text = await readTextIfThere(path);
  return text === null ? null : parseState(text, path);
}

/** Whoever reads it finds the one before or this one, whole. */
export async function writeState(path: string, state: FeedState): Promise<void> {
  const body = JSON.stringify(state);
  await writeWhole(path, `${JSON.stringify({ layout, sum: sumOf(body), state })}\n`);
}

/** The sum tells a file that was cut or altered; what it holds is our own word otherwise. */
function parseState(text: string, path: string): FeedState {
  try {
    const { layout: found, sum, state } = JSON.parse(text) as { layout: unknown; sum: unknown; state: FeedState };
    if (found === layout && sum === sumOf(JSON.stringify(state))) return state;
  } catch {
    // said below
  }
  throw new FeedEnded(
    "notAsAsked",
    `${path} is no whole state of a feed by this version: give --fresh to start over, or another --state`,
  );
}

function sumOf(body: string): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, 16);
}

/** @returns what differs, as "--format", for a message; null where both tell the same feed */
export function differenceOf(a: FeedTarget, b: FeedTarget): string | null {
  if (a.gateway !== b.gateway) return `--url ${a.gateway}`;
  if (a.format !== b.format) return `--format ${a.format}`;
  return JSON.stringify(a.rules) === JSON.stringify(b.rules) ? null : `other channel options`;
}
