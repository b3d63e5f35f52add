import { describe, expect, test } from "vitest";
import { rememberReadings } from "../../src/pricing/quote-memory.js";
import type { QuoteReading } from "../../src/pricing/quote-reading.js";

/** Reads by telling which token it was given, and notes each time that it had to. */
function createMemory() {
  const asked: string[] = [];
  const read = rememberReadings(async (token): Promise<QuoteReading> => {
    asked.push(token);
    return { kind: "invalid", why: token };
  });
  const whyOf = async (token: string) => {
    const reading = await read(token);
    return reading.kind === "invalid" ? reading.why : reading.kind;
  };
  return { asked, whyOf };
}

const names = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `token-${n + from}`);

describe("the memory of what was read of quotes", () => {
  test("reads one quote once, also for lines that ask at the same time, and never tells one's reading for another's", async () => {
    const { asked, whyOf } = createMemory();
    const tokens = names(100).flatMap((token) => [token, `${token} `, token, token.toUpperCase()]);
    expect(await Promise.all(tokens.map(whyOf))).toEqual(tokens);
    for (const token of tokens.slice(-200)) expect(await whyOf(token)).toBe(token);
    expect(asked).toHaveLength(new Set(tokens).size);
  });

  test("holds 256 readings, and forgets the oldest first", async () => {
    const { asked, whyOf } = createMemory();
    for (const token of names(257)) await whyOf(token);
    asked.length = 0;
    for (const token of names(256, 1)) expect(await whyOf(token)).toBe(token);
    expect(asked).toEqual([]);
    expect([await whyOf("token-0"), asked]).toEqual(["token-0", ["token-0"]]);
  });

  test("holds 1,048,576 characters of quotes in all, and nothing of one that is longer", async () => {
    const { asked, whyOf } = createMemory();
    const half = 512 * 1024;
    const [first, second] = ["a".repeat(half), "b".repeat(half)];
    for (const token of [first, second, first, second]) expect(await whyOf(token)).toBe(token);
    expect(asked).toHaveLength(2);
    const tooLong = "c".repeat(2 * half + 1);
    for (const token of [tooLong, tooLong, first, second]) expect(await whyOf(token)).toBe(token);
    expect(asked).toHaveLength(4);
    // One character more, and the oldest goes; what follows it stays.
    for (const token of ["d", second, "d"]) await whyOf(token);
    expect(asked).toHaveLength(5);
    await whyOf(first);
    expect(asked).toHaveLength(6);
  });

  test("holds as much after long use as at first", async () => {
    const { asked, whyOf } = createMemory();
    for (const token of names(3_000)) await whyOf(token.padEnd(5_000, "."));
    asked.length = 0;
    const latest = names(209, 3_000 - 209).map((token) => token.padEnd(5_000, "."));
    for (const token of latest) expect(await whyOf(token)).toBe(token);
    expect(asked).toEqual([]);
    await whyOf("token-2790".padEnd(5_000, "."));
    expect(asked).toHaveLength(1);
  });

  test("is not used up by texts with half a character in them, nor tells one of them for another", async () => {
    const { asked, whyOf } = createMemory();
    const long = "x".repeat(400_000);
    const broken = ["\ud800", "\ud801", "\ufffd", "\ud800"].map((end) => long + end);
    for (const token of broken) expect(await whyOf(token)).toBe(token);
    asked.length = 0;
    for (const token of ["a", "b", "a", "b"]) await whyOf(token);
    expect(asked).toEqual(["a", "b"]);
  });
});
