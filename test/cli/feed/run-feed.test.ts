import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { FeedEnded } from "../../../src/cli/feed/feed-ended.js";
import { recordOf } from "../../feed/formats/record-samples.js";
import { FakeGateway, type Fate } from "./fake-gateway.js";
import { callOnce, makeFolder, wishOf } from "./feed-setup.js";

let gateway: FakeGateway;
let folder = "";
beforeAll(async () => {
  gateway = await FakeGateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  folder = makeFolder();
  gateway.fates = [];
  gateway.deltas.clear();
  gateway.asked.length = 0;
  gateway.pageSize = 3;
  gateway.fill(10);
  return () => rmSync(folder, { recursive: true });
});

const outOf = (name = "prices.ndjson") => join(folder, name);
const namesIn = (path: string) =>
  readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => (JSON.parse(line) as { sku: string }).sku);
const names = (count: number) => Array.from({ length: count }, (_, index) => `SKU-${index}`);

const removedOf = (skus: readonly string[]) => skus.map((sku) => recordOf({ sku, price: null, removed: true }));

describe("a full run", () => {
  test("writes every item, and leaves nothing beside it but its state", async () => {
    const summary = await callOnce(wishOf(outOf(), gateway.url)).ended;
    expect(namesIn(outOf())).toEqual(names(10));
    expect(readdirSync(folder).sort()).toEqual(["prices.ndjson", "prices.ndjson.state.json"]);
    expect(summary).toMatchObject({ kind: "full", files: [outOf()], counts: { items: 10, priced: 10, answers: 20 } });
    expect(gateway.asked.map(({ authorization }) => authorization)).toEqual(["Bearer a-token"]);
  });

  test("keeps the file of the run before as it was until it is whole", async () => {
    writeFileSync(outOf(), "yesterday's");
    gateway.fates = [{ cutAfter: 6_000 }];
    await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toMatchObject({ reason: "cutOff", exitCode: 3 });
    expect(readFileSync(outOf(), "utf8")).toBe("yesterday's");
    await callOnce(wishOf(outOf(), gateway.url)).ended;
    expect(namesIn(outOf())).toEqual(names(10));
  });

  test("goes on from the last cursor kept, and asks for no item twice", async () => {
    gateway.fates = [{ errorAfterPages: 2 }];
    await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toThrow(
      "ERP_UNAVAILABLE: The ERP cannot be asked at present.",
    );
    const { ended, notes } = callOnce(wishOf(outOf(), gateway.url));
    await ended;
    expect(gateway.asked.map(({ search }) => search.get("after"))).toEqual([null, "c6"]);
    expect(notes.join("")).toContain("6 items are here");
  });

  test("starts over with --fresh, and where what was kept is gone", async () => {
    const cutOff = async () => {
      gateway.fates = [{ errorAfterPages: 2 }];
      await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toThrow(FeedEnded);
    };
    await cutOff();
    await callOnce(wishOf(outOf(), gateway.url, { isFresh: true })).ended;
    await cutOff();
    truncateSync(`${outOf()}.state.json.partial`, 100);
    const { ended, notes } = callOnce(wishOf(outOf(), gateway.url));
    await ended;
    expect(notes.join("")).toContain("is not as it was left");
    expect(gateway.asked.map(({ search }) => search.get("after"))).toEqual([null, null, null, null]);
    expect(namesIn(outOf())).toEqual(names(10));
  });

  test("begins anew, once, where the gateway knows its cursor no more", async () => {
    gateway.fates = [{ errorAfterPages: 2 }];
    await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toThrow(FeedEnded);
    gateway.fates = [{ status: 400, body: { errors: [{ message: "gone", extensions: { reason: "CURSOR_LOST" } }] } }];
    const { ended, notes } = callOnce(wishOf(outOf(), gateway.url));
    await ended;
    expect(notes.join("")).toContain("gone: starting over");
    expect(namesIn(outOf())).toEqual(names(10));
  });

  test("that was received but could not be written keeps the old file, and is written later without asking again", async () => {
    writeFileSync(outOf(), "yesterday's");
    mkdirSync(`${outOf()}.new`);
    await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toMatchObject({
      reason: "unwritable",
      message: expect.stringContaining(`${outOf()}.new cannot be written (EISDIR)`),
    });
    expect(readFileSync(outOf(), "utf8")).toBe("yesterday's");
    rmdirSync(`${outOf()}.new`);
    await callOnce(wishOf(outOf(), gateway.url)).ended;
    expect(namesIn(outOf())).toEqual(names(10));
    expect(gateway.asked).toHaveLength(1);
  });

  test.each([
    [{ status: 401, body: { errors: [{ message: "It has expired." }] } }, "refused", "It has expired."],
    [{ status: 403 }, "refused", "HTTP 403"],
    [{ status: 404 }, "notAsAsked", "--url"],
    [{ status: 302, headers: { location: "https://other.example/" } }, "notAsAsked", "https://other.example/"],
    [{ status: 400, body: { errors: [{ message: "No such word." }] } }, "notAsAsked", "No such word."],
    [{ status: 503, body: { errors: [{ message: "away", extensions: {} }] } }, "cutOff", "away"],
    [
      { status: 502, body: { errors: [{ message: "no list", extensions: { reason: "PRODUCTS_NOT_LISTED" } }] } },
      "notAsAsked",
      "no list",
    ],
  ])("ends by its own reason for %j", async (fate, reason, said) => {
    gateway.fates = [fate as Fate];
    await expect(callOnce(wishOf(outOf(), gateway.url)).ended).rejects.toMatchObject({
      reason,
      message: expect.stringContaining(said),
    });
    expect(existsSync(outOf())).toBe(false);
    expect(existsSync(`${outOf()}.lock`)).toBe(false);
  });

  test("refuses a state of another gateway, format or channel, and says how to mend it", async () => {
    await callOnce(wishOf(outOf(), gateway.url)).ended;
    const other = wishOf(outOf(), gateway.url, {
      target: { gateway: gateway.url, format: "ndjson", rules: { safetyStock: "2", tax: "gross", amazon: null } },
    });
    await expect(callOnce(other).ended).rejects.toMatchObject({
      reason: "notAsAsked",
      message: expect.stringContaining("--fresh"),
    });
    await callOnce({ ...other, isFresh: true }).ended;
    await callOnce(other).ended;
  });

  test.each([
    ["lists nothing", [], "the ERP lists no product"],
    ["lists nothing that is for sale", [recordOf({ price: null })], "none of the ERP's 1 products is for sale"],
  ])(
    "keeps the file where the ERP %s, until --allow-empty, and asks anew the next time",
    async (_what, found, said) => {
      const wish = wishOf(outOf(), gateway.url);
      await callOnce(wish).ended;
      gateway.records = found;
      await expect(callOnce(wish).ended).rejects.toMatchObject({
        reason: "empty",
        exitCode: 9,
        message: expect.stringContaining(said),
      });
      expect(namesIn(outOf())).toEqual(names(10));
      expect(readdirSync(folder).sort()).toEqual(["prices.ndjson", "prices.ndjson.state.json"]);
      gateway.fill(5);
      await callOnce(wish).ended;
      expect(namesIn(outOf())).toEqual(names(5));
      gateway.records = found;
      await callOnce(wish, { allowsEmpty: true }).ended;
      expect(namesIn(outOf())).toEqual(found.map(({ sku }) => sku));
    },
  );

  test("keeps the file where less than half is left of what was for sale, until --allow-shrink, and asks anew the next time", async () => {
    const wish = wishOf(outOf(), gateway.url);
    await callOnce(wish).ended;
    gateway.fill(4);
    await expect(callOnce(wish).ended).rejects.toMatchObject({
      reason: "shrunk",
      exitCode: 10,
      message: expect.stringContaining("of 10 items that were for sale 4 are left"),
    });
    expect(namesIn(outOf())).toEqual(names(10));
    await callOnce(wish, { allowsShrink: true }).ended;
    expect(namesIn(outOf())).toEqual(names(4));
    gateway.fill(2);
    await callOnce(wish).ended; // half of what there was the last time
    expect(namesIn(outOf())).toEqual(names(2));
  });

  test("keeps the file where a delta takes away more than half of what was for sale, until --allow-shrink", async () => {
    const wish = wishOf(outOf(), gateway.url);
    await callOnce(wish).ended;
    const delta = { ...wish, wantsDelta: true };
    gateway.deltas.set("d1", removedOf(names(6)));
    await expect(callOnce(delta).ended).rejects.toMatchObject({ reason: "shrunk", exitCode: 10 });
    expect(namesIn(outOf())).toEqual(names(10));
    await callOnce(delta, { allowsShrink: true }).ended;
    expect(namesIn(outOf())).toEqual(names(6));
    gateway.deltas.set("d1", removedOf(names(5)));
    await callOnce(delta).ended;
    expect(namesIn(outOf())).toEqual(names(5));
  });

  const parts = Array.from({ length: 8 }, (_, index) => `PART-${index}`);

  test("replaces the file where a delta takes away little beside what was listed and never for sale", async () => {
    const wish = wishOf(outOf(), gateway.url);
    gateway.fill(5);
    gateway.records = [...gateway.records, ...parts.map((sku) => recordOf({ sku, price: null }))];
    await callOnce(wish).ended;
    gateway.deltas.set("d1", removedOf([...parts, ...names(2)]));
    await callOnce({ ...wish, wantsDelta: true }).ended;
    expect(namesIn(outOf())).toEqual([...parts, ...names(2)]);
    gateway.deltas.set("d1", removedOf([...parts, ...names(3)]));
    await expect(callOnce({ ...wish, wantsDelta: true }).ended).rejects.toMatchObject({ reason: "shrunk" });
  });

  test("replaces the file where a delta itself names half of it as for sale", async () => {
    const wish = wishOf(outOf(), gateway.url);
    gateway.fill(5);
    await callOnce(wish).ended;
    gateway.deltas.set("d1", [...gateway.records.slice(0, 3), ...removedOf(parts)]);
    await callOnce({ ...wish, wantsDelta: true }).ended;
    expect(namesIn(outOf())).toEqual([...names(3), ...parts]);
  });

  test("replaces the file where prices could not be read: that says nothing of what is for sale", async () => {
    const errors = [{ field: "price", code: "ERP_TIMEOUT", message: "late" }] as const;
    gateway.records = [recordOf({ price: null, errors })];
    expect(await callOnce(wishOf(outOf(), gateway.url)).ended).toMatchObject({ counts: { items: 1, notForSale: 0 } });
  });

  test("refuses a state that somebody altered, until --fresh", async () => {
    const wish = wishOf(outOf(), gateway.url);
    await callOnce(wish).ended;
    writeFileSync(wish.statePath, readFileSync(wish.statePath, "utf8").replace("d1", "d9"));
    await expect(callOnce(wish).ended).rejects.toMatchObject({ reason: "notAsAsked" });
    await callOnce({ ...wish, isFresh: true }).ended;
  });
});

describe("a run killed at random points and resumed", () => {
  const cut = fc.record({
    after: fc.double({ min: 0, max: 1.2, noNaN: true }),
    /** What a kill between two writes leaves behind. */
    litter: fc.constantFrom("", '{"sku":"HAL', "\n", '{"sku":"X","price":null,"stock":null,"removed":false}\n'),
  });

  test("yields byte for byte what an uninterrupted one does", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 25 }),
        fc.integer({ min: 1, max: 9 }),
        fc.array(cut, { maxLength: 8 }),
        async (items, pageSize, cuts) => {
          gateway.fill(items);
          gateway.pageSize = pageSize;
          gateway.fates = [];
          const [whole, resumed] = [outOf("whole.ndjson"), outOf("resumed.ndjson")];
          await callOnce(wishOf(whole, gateway.url, { isFresh: true }), { allowsShrink: true }).ended;
          const length = readFileSync(whole).byteLength;
          const wish = wishOf(resumed, gateway.url);
          rmSync(resumed, { force: true });
          rmSync(wish.statePath, { force: true });
          let isWhole = false;
          for (const { after, litter } of cuts) {
            gateway.fates = [{ cutAfter: Math.ceil(after * length) }];
            const end = await callOnce(wish).ended.catch((error: unknown) => error);
            isWhole = !(end instanceof Error);
            if (isWhole) break;
            expect(end).toMatchObject({ reason: "cutOff" });
            expect(existsSync(resumed)).toBe(false);
            appendFileSync(`${wish.statePath}.partial`, litter);
          }
          if (!isWhole) await callOnce(wish).ended;
          expect(readFileSync(resumed, "utf8")).toBe(readFileSync(whole, "utf8"));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe("a delta run", () => {
  const full = () => wishOf(outOf(), gateway.url);
  const delta = () => wishOf(outOf("delta.ndjson"), gateway.url, { wantsDelta: true, statePath: full().statePath });

  test("starts where the last whole run began, each from the one before", async () => {
    await callOnce(full()).ended;
    gateway.deltas.set("d1", [recordOf({ sku: "SKU-4" }), recordOf({ sku: "GONE", price: null, removed: true })]);
    gateway.deltas.set("d2", []);
    gateway.deltaCursor = "d2";
    const summary = await callOnce(delta()).ended;
    expect(summary).toMatchObject({ kind: "delta", counts: { items: 2, priced: 1, removed: 1, notForSale: 0 } });
    expect(namesIn(outOf("delta.ndjson"))).toEqual(["SKU-4", "GONE"]);
    await callOnce(delta()).ended;
    expect(gateway.asked.map(({ search }) => search.get("changedSince"))).toEqual([null, "d1", "d2"]);
    expect(namesIn(outOf())).toEqual(names(10));
    gateway.deltaCursor = "d1";
  });

  test("keeps its start when it was cut off", async () => {
    await callOnce(full()).ended;
    gateway.deltas.set(
      "d1",
      names(9).map((sku) => recordOf({ sku })),
    );
    gateway.fates = [{ errorAfterPages: 1 }];
    await expect(callOnce(delta()).ended).rejects.toMatchObject({ reason: "cutOff" });
    await callOnce(delta()).ended;
    expect(gateway.asked.at(-1)?.search.toString()).toBe("after=c3&changedSince=d1");
    expect(namesIn(outOf("delta.ndjson"))).toEqual(names(9));
  });

  test("says so where nobody can tell what changed, and keeps its hands off what was told", async () => {
    await expect(callOnce(delta()).ended).rejects.toMatchObject({ reason: "cursorLost", exitCode: 5 });
    await callOnce(full()).ended;
    await expect(callOnce(delta()).ended).rejects.toMatchObject({ reason: "cursorLost" });
    expect(existsSync(outOf("delta.ndjson"))).toBe(false);
  });

  test("is a full run instead with --full-if-lost, which goes on as one where it is cut off", async () => {
    await callOnce(full()).ended;
    const wish = { ...delta(), fullIfLost: true };
    gateway.fates = ["whole", { errorAfterPages: 2 }];
    await expect(callOnce(wish).ended).rejects.toMatchObject({ reason: "cutOff" });
    expect(await callOnce(wish).ended).toMatchObject({ kind: "full" });
    expect(gateway.asked.at(-1)?.search.toString()).toBe("after=c6");
    expect(namesIn(outOf("delta.ndjson"))).toEqual(names(10));
  });

  test("gives way to a full run, but ends none", async () => {
    await callOnce(full()).ended;
    gateway.deltas.set(
      "d1",
      names(9).map((sku) => recordOf({ sku })),
    );
    gateway.fates = [{ errorAfterPages: 1 }, { errorAfterPages: 1 }];
    await expect(callOnce(delta()).ended).rejects.toMatchObject({ reason: "cutOff" });
    await expect(callOnce(full()).ended).rejects.toMatchObject({ reason: "cutOff" });
    await expect(callOnce(delta()).ended).rejects.toMatchObject({ reason: "notAsAsked" });
    await callOnce(full()).ended;
    expect(namesIn(outOf())).toEqual(names(10));
  });
});
