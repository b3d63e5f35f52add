import fc from "fast-check";
import { expect, test } from "vitest";
import { RecentMap } from "../../src/http/recent-map.js";

const lengthOf = ({ length }: string) => length;

test("what is asked for again and again stays, while what is not is forgotten after two generations", () => {
  const map = new RecentMap<number>(10, lengthOf);
  map.set("kept", 1);
  map.set("left", 2);
  for (const key of ["aaaa", "bbbb", "cccc", "dddd", "eeee"]) {
    expect(map.get("kept")).toBe(1);
    map.set(key, 0);
  }
  expect(map.get("left")).toBeUndefined();
});

test("a value set anew takes the place of the old one, also of an older generation's", () => {
  const map = new RecentMap<number>(4, lengthOf);
  map.set("aaaa", 1);
  map.set("bbbb", 2);
  map.set("aaaa", 3);
  expect(map.get("aaaa")).toBe(3);
});

test("a key heavier than a generation is not kept, and the latest other one always is", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 30 }), { maxLength: 100 }), (keys) => {
      const map = new RecentMap<string>(20, lengthOf);
      for (const key of keys) map.set(key, key);
      const last = keys.findLast(({ length }) => length <= 20);
      if (last !== undefined) expect(map.get(last)).toBe(last);
      for (const key of keys) expect([undefined, ...(key.length <= 20 ? [key] : [])]).toContain(map.get(key));
    }),
  );
});

test("a flood of keys leaves no more than two generations", () => {
  const map = new RecentMap<number>(20, lengthOf);
  const keys = Array.from({ length: 90 }, (_, index) => `${index + 10}`);
  for (const [index, key] of keys.entries()) map.set(key, index);
  expect(keys.filter((key) => map.get(key) !== undefined).length).toBeLessThanOrEqual(20);
});
