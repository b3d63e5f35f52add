/** How `pricelane feed` ends; scripts match these numbers, so they never change meaning. 1 is left to bugs. */
export const exitCodes = {
  whole: 0,
  notAsAsked: 2,
  cutOff: 3,
  untold: 4,
  cursorLost: 5,
  refused: 6,
  unwritable: 7,
  busy: 8,
  empty: 9,
  shrunk: 10,
} as const;

/** A run that ends before it is whole, for a reason that its caller can mend. The message names the mend. */
export class FeedEnded extends Error {
  constructor(
    readonly reason: Exclude<keyof typeof exitCodes, "whole">,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  get exitCode(): number {
    return exitCodes[this.reason];
  }
}

/** The gateway or the way to it failed for now: the run may go on from where it is. */
export class TryAgain extends Error {
  constructor(
    message: string,
    /** For how long, in ms, the gateway asked not to be asked; null where it named no time. */
    readonly retryAfterMs: number | null = null,
  ) {
    super(message);
  }
}

/** The gateway cannot go on from the cursor given. */
export class CursorLost extends Error {}

/**
 * What repeating does not mend.
 * @param reason as the gateway names it, by `extensions.reason`
 * @returns null where it may
 */
export function whatIsFinal(reason: string | null, message: string): Error | null {
  if (reason === "CURSOR_LOST") return new CursorLost(message);
  if (reason === "PRODUCTS_NOT_LISTED") return new FeedEnded("notAsAsked", message);
  return null;
}

/** @param error as the file system threw it */
export function cannotWrite(path: string, error: unknown): FeedEnded {
  const { code, message } = error as NodeJS.ErrnoException;
  const mend =
    code === "ENOSPC" || code === "EDQUOT" || code === "EFBIG"
      ? "make room, and give the same command again: it goes on with what was kept"
      : "mend that, or choose another place";
  return new FeedEnded("unwritable", `${path} cannot be written (${code ?? message}): ${mend}`, { cause: error });
}
