import { describe, expect, test } from "vitest";
import { TextMemory } from "../../schema/page/text-memory.js";

function setUp() {
  const memory = new TextMemory();
  const written: string[] = [];
  const of = (answer: object, writer: object, terms: string, chars = 10) =>
    memory.of(answer, writer, terms, () => {
      written.push(terms);
      return [terms, "x".repeat(chars)];
    })[0];
  return { of, written };
}

describe("a text that was written of an answer", () => {
  test("is remembered for its answer, its writer and its terms, and for no other", () => {
    const { of, written } = setUp();
    const [answer, writer] = [{}, {}];
    for (let time = 0; time < 2; time++) {
      expect(of(answer, writer, "one")).toBe("one");
      expect(of(answer, writer, "two")).toBe("two");
      expect(of({ ...answer }, writer, "other answer")).toBe("other answer");
    }
    expect(of(answer, {}, "one")).toBe("one");
    expect(written).toEqual(["one", "two", "other answer", "other answer", "one"]);
  });

  test("gives way to the fourth one after it", () => {
    const { of, written } = setUp();
    const [answer, writer] = [{}, {}];
    for (const terms of ["1", "2", "3", "4", "1", "5", "1"]) of(answer, writer, terms);
    expect(written).toEqual(["1", "2", "3", "4", "5", "1"]);
  });

  test("is forgotten once texts of two generations came after it, and lives on where it is asked for meanwhile", () => {
    const { of, written } = setUp();
    const [writer, kept, left] = [{}, {}, {}];
    of(kept, writer, "kept");
    of(left, writer, "left");
    for (let count = 0; count < 40; count++) {
      of({}, writer, "filling", 1024 * 1024);
      of(kept, writer, "kept");
    }
    of(left, writer, "left");
    expect(written.filter((terms) => terms !== "filling")).toEqual(["kept", "left", "left"]);
  });
});
