import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Summary } from "../../src/cli/feed/summary.js";
import type { FeedRecord } from "../../src/feed/formats/feed-record.js";
import { callOnce, wishOf } from "../cli/feed/feed-setup.js";
import { eventually } from "../support/eventually.js";
import { freePort } from "../support/free-port.js";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, mintToken } from "../support/graphql-client.js";
import { json, problem } from "../support/port-answers.js";
import { PortCatalogue } from "../support/port-catalogue.js";
import { PortFake } from "../support/port-fake.js";
import { skus } from "./book.js";
import { createRandom } from "./random.js";
import { type Scenario, startScenario } from "./scenario.js";

const folder = mkdtempSync(join(tmpdir(), "pricelane-feed-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

/** The built command, in an environment that holds the gateway's key. */
function start(
  url: string,
  out: string,
  args: readonly string[] = [],
  env: Record<string, string> = { AUTH_SECRETS: authSecrets },
) {
  const command = ["dist/src/cli/pricelane.js", "feed", "--url", url, "--out", join(folder, out), ...args];
  const child = spawn(process.execPath, command, { env: { PATH: process.env["PATH"] ?? "", ...env } });
  return { child, ended: endOf(child) };
}

function endOf(child: ChildProcess): Promise<Ended> {
  let stderr = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  return new Promise((resolve) => child.once("close", (code) => resolve({ code, stderr })));
}

function recordsIn(out: string): FeedRecord[] {
  const lines = readFileSync(join(folder, out), "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as FeedRecord);
}

const skusIn = (out: string) => recordsIn(out).map(({ sku }) => sku);

function itemsKept(out: string): number {
  const path = join(folder, `${out}.state.json`);
  if (!existsSync(path)) return 0;
  const { state } = JSON.parse(readFileSync(path, "utf8")) as { state: { run: { items: number } | null } };
  return state.run?.items ?? 0;
}

/** More than three pages. */
const all = Array.from({ length: 1_750 }, (_, index) => `S-${String(index).padStart(5, "0")}`);

function fillShop(erp: PortFake): PortCatalogue {
  for (const [index, sku] of all.entries()) {
    erp.prices.set(`|${sku}`, { unitPrice: `${index + 1}.55`, taxRate: "20", tiers: [] });
    erp.stock.set(sku, { warehouses: { LYON: String(index % 30) } });
  }
  return new PortCatalogue(erp, all);
}

test("with nothing set, what `npm start` serves is written whole, and a delta goes on from there", async () => {
  const gateway = await GatewayProcess.start({});
  const full = await start(gateway.url, "demo", [], {}).ended;
  expect(full).toEqual({ code: 0, stderr: expect.stringContaining("Everything: 5000 items in") });
  expect(new Set(skusIn("demo")).size).toBe(5_000);
  const state = join(folder, "demo.state.json");
  const delta = await start(gateway.url, "demo-changes", ["--delta", "--state", state], {}).ended;
  expect(delta).toEqual({ code: 0, stderr: expect.stringContaining("What changed: ") });
  expect(await gateway.stop()).toBe(0);
});

describe("a run that is killed, whose gateway is restarted and whose ERP goes away", () => {
  let erp: PortFake;
  beforeAll(async () => {
    erp = await PortFake.start();
    fillShop(erp);
  });
  afterAll(() => erp.stop());

  test("names every SKU once", async () => {
    const env = {
      ...{ PORT: String(await freePort()), ERP_CONNECTOR: "port", ERP_URL: erp.url, ERP_MAX_CONCURRENCY: "1" },
      AUTH_SECRETS: authSecrets,
    };
    const random = createRandom(20261124);
    erp.answer("price", async (_call, regular) => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return regular;
    });
    let gateway = await GatewayProcess.start({ NODE_ENV: "production", ...env });
    let ends = 0;
    for (; ends < 12 && !existsSync(join(folder, "killed")); ends += 1) {
      const run = start(gateway.url, "killed", ["--give-up-after", "60"]);
      const before = itemsKept("killed");
      await eventually("it goes on", () => itemsKept("killed") > before || run.child.exitCode !== null);
      await new Promise((resolve) => setTimeout(resolve, random() * 100));
      if (ends % 3 === 1) {
        // The run stays, and finds another gateway at the same place.
        await gateway.stop(ends % 2 === 0 ? "SIGTERM" : "SIGKILL");
        gateway = await GatewayProcess.start({ NODE_ENV: "production", ...env });
        await eventually("it goes on", () => itemsKept("killed") > before || run.child.exitCode !== null);
      }
      run.child.kill("SIGKILL");
      await run.ended;
    }
    if (!existsSync(join(folder, "killed")))
      expect(await start(gateway.url, "killed").ended).toMatchObject({ code: 0 });
    expect(ends).toBeGreaterThan(1);
    expect(skusIn("killed")).toEqual(all);
    expect(await gateway.stop()).toBe(0);
    erp.behave();
    fillShop(erp);
  }, 120_000);

  test("waits for an ERP that is away in the middle, and says what it waits for", async () => {
    const env = { ERP_CONNECTOR: "port", ERP_URL: erp.url, AUTH_SECRETS: authSecrets };
    const gateway = await GatewayProcess.start({ NODE_ENV: "production", ...env });
    let lists = 0;
    erp.answer("other", ({ path }) => {
      if (!path.startsWith("/v1/products")) return problem(404);
      lists += 1;
      if (lists === 1) return json({ skus: all.slice(0, 1_000), next: all[999] });
      if (lists === 3) fillShop(erp);
      return problem(503);
    });
    const { code, stderr } = await start(gateway.url, "away").ended;
    expect([code, stderr]).toEqual([
      0,
      expect.stringMatching(/the gateway could not go on \(ERP_\w+: .*asking again in/),
    ]);
    expect(skusIn("away")).toEqual(all);
    expect(await gateway.stop()).toBe(0);
  });
});

describe("pricelane feed before an ERP with what is wrong in it", () => {
  let scenario: Scenario;
  beforeAll(async () => {
    scenario = await startScenario();
    const { erp } = scenario;
    fillShop(erp);
    const [, untaxed, poisoned, unsold] = all;
    erp.prices.set(`|${untaxed}`, { unitPrice: "3.99" });
    erp.prices.delete(`|${unsold}`);
    new PortCatalogue(erp, ["TAB\tBED", ...all.slice(0, 40)]);
    erp.answerLines("price", (line) => (line["sku"] === poisoned ? { ...line, unitPrice: "1,5" } : line));
  });
  afterAll(() => scenario.stop());

  test("writes the rest, and sums up what could not be told, and why", async () => {
    const summary = join(folder, "summary.json");
    const args = ["--format", "google-tsv", "--summary", summary, "--strict"];
    const { code, stderr } = await start(scenario.gateway.url, "wrong.tsv", args).ended;
    expect(code).toBe(4);
    expect(stderr).toContain('2 without a price, ERP_BAD_ANSWER: "TAB\\tBED", "S-00002"');
    const { counts } = JSON.parse(readFileSync(summary, "utf8")) as Summary;
    expect(counts).toMatchObject({
      ...{ items: 41, priced: 38, notForSale: 1, unpriced: { ERP_BAD_ANSWER: ["TAB\tBED", "S-00002"] } },
      leftOut: { untaxed: ["S-00001"] },
    });
    const ids = readFileSync(join(folder, "wrong.tsv"), "utf8")
      .split("\n")
      .slice(1, -1)
      .map((line) => line.split("\t")[0]);
    expect(ids.filter((id) => id !== "S-00001" && id !== "S-00002" && id !== "S-00003")).toEqual(
      all.slice(0, 40).filter((_, index) => index === 0 || index > 3),
    );
  });

  test("is refused with a token for something else, and says so", async () => {
    const env = { PRICELANE_TOKEN: mintToken({ scope: "storefront" }) };
    const { code, stderr } = await start(scenario.gateway.url, "refused", [], env).ended;
    expect([code, stderr]).toEqual([6, expect.stringContaining("needs a token whose `scope` holds the word `feed`")]);
  });
});

describe("deltas by pricelane feed", () => {
  let scenario: Scenario;
  let catalogue: PortCatalogue;
  const names = skus(60).sort();
  beforeAll(async () => {
    scenario = await startScenario({ PRICE_FRESH_SECONDS: "600", STOCK_FRESH_SECONDS: "600" });
    catalogue = new PortCatalogue(scenario.erp, names);
  });
  afterAll(() => scenario.stop());

  const change = fc.record({
    kind: fc.constantFrom("price", "stock", "removed", "added", "nothing"),
    sku: fc.constantFrom(...names.slice(0, 25)),
    to: fc.integer({ min: 0, max: 3 }),
  });

  function apply({ prices, stock }: PortFake, { kind, sku, to }: { kind: string; sku: string; to: number }): void {
    if (kind === "price" && prices.has(`|${sku}`))
      prices.set(`|${sku}`, { unitPrice: `${to}.50`, taxRate: "20", tiers: [] });
    if (kind === "stock") stock.set(sku, { warehouses: { LYON: String(to) } });
    if (kind === "removed") {
      prices.delete(`|${sku}`);
      catalogue.skus = catalogue.skus.filter((each) => each !== sku);
    }
    if (kind === "added") {
      prices.set(`|${sku}`, { unitPrice: `${to}.00`, taxRate: "20", tiers: [] });
      catalogue.skus = [...new Set([...catalogue.skus, sku])].sort();
    }
  }

  /** What a marketplace shows after a run: what is not told stays. */
  function heed(shown: Map<string, string>, out: string): void {
    for (const { sku, price, stock } of recordsIn(out)) {
      if (price === null) shown.delete(sku);
      else shown.set(sku, JSON.stringify([price.net, price.gross, stock?.status, stock?.available]));
    }
  }

  test("are the difference of two full feeds", async () => {
    const token = mintToken({ scope: "feed" });
    const call = (out: string, parts: Parameters<typeof wishOf>[2] = {}) =>
      callOnce(wishOf(join(folder, out), `${scenario.gateway.url}/`, parts), { token }).ended;
    const delta = { wantsDelta: true, statePath: join(folder, "first.state.json") };
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(change, { maxLength: 5 }), { minLength: 1, maxLength: 4 }), async (bursts) => {
        const shown = new Map<string, string>();
        await call("first");
        heed(shown, "first");
        for (const burst of bursts) {
          for (const each of burst) apply(scenario.erp, each);
          const changed = burst.map(({ sku }) => sku);
          await invalidate(changed);
          await call("delta", delta);
          expect(skusIn("delta").filter((sku) => !changed.includes(sku))).toEqual([]);
          heed(shown, "delta");
          const full = new Map<string, string>();
          await call("second");
          heed(full, "second");
          expect(new Map([...shown].sort())).toEqual(new Map([...full].sort()));
        }
      }),
      { numRuns: 25 },
    );
  }, 120_000);

  async function invalidate(changed: readonly string[]): Promise<void> {
    if (changed.length === 0) return;
    const answer = await scenario.ask("mutation ($skus: [ID!]) { invalidate(input: { skus: $skus }) { at } }", {
      token: mintToken({ scope: "invalidate" }),
      variables: { skus: [...new Set(changed)] },
    });
    expect(answer.errors).toEqual([]);
  }
});
