import { setTimeout as pause } from "node:timers/promises";

/**
 * Looks again and again until something holds.
 * @param what named in the error
 * @returns what `look` gave once it was neither false, null nor undefined
 * @throws {Error} when it does not hold within `withinMs`, or whatever `look` throws
 */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 20 } = {},
): Promise<Exclude<T, false | null | undefined>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (seen !== false && seen !== null && seen !== undefined) return seen as Exclude<T, false | null | undefined>;
    if (Date.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(everyMs);
  }
}
