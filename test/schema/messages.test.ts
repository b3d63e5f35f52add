import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { messageKeyOf, reasonCodes } from "../../src/pricing/cart/reasons.js";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const textsOf = (language: string) => JSON.parse(read(`schema/messages/${language}.json`)) as Record<string, string>;
const placeholdersOf = (text = "") => [...new Set(text.match(/\{[^}]*\}/g) ?? [])].sort();

describe("the texts of the reasons", () => {
  test("are there in English and French", () => {
    expect(readdirSync(new URL("../../schema/messages", import.meta.url)).sort()).toEqual(["en.json", "fr.json"]);
  });

  test.each(["en", "fr"])("in %s are one for each code, and none for any other", (language) => {
    expect(Object.keys(textsOf(language)).sort()).toEqual(reasonCodes.map(messageKeyOf).sort());
    for (const text of Object.values(textsOf(language))) expect(text).toMatch(/^\S.*[.]$/);
  });

  test("have the same placeholders in both languages, and those of the cart have none", () => {
    const [en, fr] = [textsOf("en"), textsOf("fr")];
    // No date: it may be missing, and each shop writes dates in its own way.
    const known = ["{sku}", "{quantity}", "{available}", "{net}"];
    for (const key of Object.keys(en)) {
      expect([key, placeholdersOf(fr[key])]).toEqual([key, placeholdersOf(en[key])]);
      expect(known).toEqual(expect.arrayContaining(placeholdersOf(en[key])));
    }
    const ofCart = ["CUSTOMER_BLOCKED", "CUSTOMER_UNVERIFIED", "CREDIT_EXCEEDED"] as const;
    for (const code of [...ofCart, "LINES_REJECTED", "LINES_UNVERIFIED", "LINES_NEED_CONSENT"] as const)
      expect(placeholdersOf(en[messageKeyOf(code)])).toEqual([]);
  });

  test("and docs/checkout.md tells of each code once", () => {
    const table = read("docs/checkout.md").split("## Reasons")[1] ?? "";
    const told = table
      .split("\n")
      .filter((row) => row.startsWith("| `"))
      .flatMap((row) => [...(row.split("|")[1] ?? "").matchAll(/`([A-Z_]+)`/g)].map(([, code]) => code));
    expect(told.sort()).toEqual([...reasonCodes].sort());
  });
});
