import { expect, test } from "vitest";
import { hasControlCharacter, withoutControlCharacters } from "../../src/pricing/control-characters.js";

test("a control character is found wherever it stands, however often it is asked", () => {
  for (const text of ["\u0000", "a\nb", "ab\u007f", "\u001fab"])
    for (let ask = 0; ask < 3; ask++) expect(hasControlCharacter(text)).toBe(true);
  expect(hasControlCharacter("Ä 1\u00a0\u0080")).toBe(false);
});

test("each row of them gives way to one space", () => {
  expect(withoutControlCharacters("a\r\n\tb\u0000c d")).toBe("a b c d");
});
