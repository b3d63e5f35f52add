import type { QuoteReading } from "./quote-reading.js";

/** Most readings remembered, and most characters of their quotes in all. */
const maxReadings = 256;
const maxCharacters = 1024 * 1024;

export type ReadQuote = (token: string) => Promise<QuoteReading>;

/**
 * Remembers what was read of a quote, good or bad, since a shop gives one quote with each line of a cart: 200 lines
 * cost one signature check. The oldest is forgotten first. What a quote is never changes while the keys are the same.
 */
export function rememberReadings(read: ReadQuote): ReadQuote {
  const readings = new Map<string, Promise<QuoteReading>>();
  let characters = 0;
  return (token) => {
    const known = readings.get(token);
    if (known !== undefined) return known;
    const reading = read(token);
    if (token.length > maxCharacters) return reading;
    // A copy: a text cut out of a request would keep the whole request in memory.
    const copy = Buffer.from(token).toString();
    // Half a surrogate pair cannot be copied so. Such a text is no quote, and telling that costs next to nothing.
    if (copy !== token) return reading;
    readings.set(copy, reading);
    characters += copy.length;
    for (const oldest of readings.keys()) {
      if (readings.size <= maxReadings && characters <= maxCharacters) break;
      readings.delete(oldest);
      characters -= oldest.length;
    }
    return reading;
  };
}
