import type { Found, Unknown } from "../pricing/source.js";
import type { Seal } from "./seal.js";

/**
 * How answers are written. To be raised with every change of what Ladder, Stock or Customer mean: replicas of an older or newer
 * release then take each other's answers for none. One character.
 */
export const entryVersion = "1";

/** What the ERP said, with nothing of when. */
export type Said<Answer> = Pick<Found<Answer>, "kind" | "answer"> | Pick<Unknown, "kind" | "what">;

/** What stands before the answer, for the store's scripts to read; their `headOf` takes it apart. */
export interface EntryHead {
  /** Which life of the store it was written in: 16 characters. */
  readonly incarnation: string;
  /** The ERP was asked at this instant or after it: by the store's clock, in ms since the epoch. */
  readonly askedAt: number;
  /** How long it is fresh, from then on, in ms. */
  readonly freshMs: number;
}

const headLength = 40;

/** @param about the kind and the id of its key: it is read as an answer to nothing else */
export function writeEntry<Answer>(seal: Seal, about: string, head: EntryHead, said: Said<Answer>): Buffer {
  const { incarnation, askedAt, freshMs } = head;
  const text = `${entryVersion}${incarnation}${digits(askedAt, 13)}${digits(freshMs, 10)}`;
  const content = said.kind === "found" ? { answer: said.answer } : { unknown: said.what };
  return Buffer.concat([Buffer.from(text, "latin1"), seal.close(JSON.stringify(content), `${text}${about}`)]);
}

/** @returns null where it is no answer to this key, written by this fleet and with this very head */
export function readEntry<Answer>(
  seal: Seal,
  about: string,
  entry: Buffer,
): { readonly said: Said<Answer>; readonly askedAt: number; readonly freshMs: number } | null {
  const text = entry.toString("latin1", 0, headLength);
  const content = seal.open(entry.subarray(headLength), `${text}${about}`);
  if (content === null || !text.startsWith(entryVersion)) return null;
  // Whoever wrote it held the secret, and wrote what the same version of this code writes.
  const parsed = JSON.parse(content) as { answer: Answer } | { unknown: Unknown["what"] };
  const said: Said<Answer> =
    "answer" in parsed ? { kind: "found", answer: parsed.answer } : { kind: "unknown", what: parsed.unknown };
  return { said, askedAt: Number(text.slice(17, 30)), freshMs: Number(text.slice(30, 40)) };
}

function digits(value: number, length: number): string {
  return String(Math.trunc(value)).padStart(length, "0");
}
