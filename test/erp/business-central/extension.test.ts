import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bcBooks } from "../../support/business-central.js";
import { answerPriceLines } from "../../support/business-central-prices.js";

const folder = new URL("../../../deploy/business-central/", import.meta.url);
const sources = readdirSync(folder)
  .filter((name) => name.endsWith(".al"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/** What a list of the extension tells, by the name it has in the API. */
function fieldsOf(list: string): string[] {
  const source = sources.find((text) => text.includes(`EntitySetName = '${list}'`)) ?? "";
  return [...source.matchAll(/\b(?:field|column)\((\w+);/g)].map(([, name]) => name as string);
}

// There is no compiler of AL to be had here: as far as its text goes, what is shipped is what the stand-in plays.
describe("the extension for Business Central", () => {
  test("has the lists that the connector asks for, at the address that it asks", () => {
    for (const list of ["priceLines", ...Object.keys(bcBooks().ownLists)]) {
      const source = sources.find((text) => text.includes(`EntitySetName = '${list}'`));
      expect(source, list).toMatch(/APIPublisher = 'pricelane';\s+APIGroup = 'shop';\s+APIVersion = 'v1.0';/);
    }
  });

  test("tells each field that the stand-in tells", () => {
    const books = bcBooks();
    const conditions = [
      { field: "customerNumber", value: "C1" },
      { field: "itemNumber", value: "A-1" },
    ];
    const [line = {}] = answerPriceLines(books, conditions);
    const asked = ["askedQuantity", "askedDate", "askedCurrency"];
    expect(fieldsOf("priceLines")).toEqual(expect.arrayContaining([...Object.keys(line), ...asked]));
    for (const [list, [row = {}]] of Object.entries(books.ownLists)) {
      expect(fieldsOf(list), list).toEqual(expect.arrayContaining(Object.keys(row)));
    }
  });

  test("has numbers of objects within its range, none twice of a kind", () => {
    const objects = sources.flatMap((text) => [
      ...text.matchAll(/^(table|page|codeunit|query|permissionset) (\d+) /gm),
    ]);
    const numbers = objects.map(([, kind, number]) => `${kind} ${number}`);
    expect(objects).toHaveLength(sources.length);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const [, , number] of objects) expect(Number(number) >= 50_100 && Number(number) <= 50_119).toBe(true);
  });

  test("writes nothing: each of its pages refuses to insert, modify and delete", () => {
    for (const page of sources.filter((text) => /^page /m.test(text))) {
      for (const right of ["InsertAllowed", "ModifyAllowed", "DeleteAllowed", "Editable"]) {
        expect(page).toContain(`${right} = false;`);
      }
    }
  });
});
