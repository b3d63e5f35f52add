import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FeedEnded } from "../../../src/cli/feed/feed-ended.js";
import { publish } from "../../../src/cli/feed/publish.js";
import { Tally } from "../../../src/cli/feed/tally.js";
import { recordOf } from "../../feed/formats/record-samples.js";
import { makeFolder } from "./feed-setup.js";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const partialPath = join(folder, "partial");
const out = join(folder, "out.ndjson");

function options(parts: Partial<Parameters<typeof publish>[0]> = {}): Parameters<typeof publish>[0] {
  const rules = { safetyStock: "0", tax: "gross", amazon: null } as const;
  const signal = new AbortController().signal;
  return {
    partialPath,
    out,
    format: "ndjson",
    rules,
    tally: new Tally(),
    partsBefore: 0,
    kind: "full",
    mayBeEmpty: false,
    shrinksFrom: null,
    signal,
    ...parts,
  };
}

const fill = (count: number) =>
  writeFileSync(
    partialPath,
    Array.from({ length: count }, (_, index) => `${JSON.stringify(recordOf({ sku: `S${index}` }))}\n`).join(""),
  );

describe("publishing", () => {
  test("writes what was received, however much, and twice the same", async () => {
    fill(3_000);
    expect(await publish(options())).toEqual([out]);
    expect(readFileSync(out, "utf8")).toBe(readFileSync(partialPath, "utf8"));
    await publish(options());
    expect(readFileSync(out, "utf8")).toBe(readFileSync(partialPath, "utf8"));
  });

  test("that is stopped, or finds what it cannot read, leaves what was there, and no half file", async () => {
    fill(3);
    writeFileSync(out, "old");
    const reason = new FeedEnded("cutOff", "stopped");
    await expect(publish(options({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    writeFileSync(partialPath, "hello\n");
    await expect(publish(options())).rejects.toThrow("--fresh");
    expect(readFileSync(out, "utf8")).toBe("old");
    expect(existsSync(`${out}.new`)).toBe(false);
  });

  test("says what it could not write", async () => {
    fill(1);
    const folderAsTarget = join(folder, "folder");
    mkdirSync(folderAsTarget);
    await expect(publish(options({ out: folderAsTarget }))).rejects.toMatchObject({ reason: "unwritable" });
  });

  test("lists the files of a feed that is cut once all of them are there, and at no other time", async () => {
    fill(3);
    const amazon = { sellerId: "A2EXAMPLE9XYZ", marketplaceId: "A13V1IB3VIYZZH", productType: "PRODUCT" };
    const rules = { safetyStock: "0", tax: "gross", amazon } as const;
    const cut = join(folder, "amazon.json");
    const part = join(folder, "amazon-1.json");
    const list = `${cut}.parts.json`;
    const asAmazon = () => options({ out: cut, format: "amazon-json", rules });
    await publish(asAmazon());
    expect(JSON.parse(readFileSync(list, "utf8"))).toEqual({ files: ["amazon-1.json"] });
    rmSync(part);
    mkdirSync(part); // so that it cannot be replaced
    await expect(publish(asAmazon())).rejects.toMatchObject({ reason: "unwritable" });
    expect(existsSync(list)).toBe(false);
    rmSync(part, { recursive: true });
    await publish(asAmazon());
    expect(existsSync(list)).toBe(true);
  });
});
