import { spawn } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findKnee } from "../../src/cli/probe/find-knee.js";
import { printReport } from "../../src/cli/probe/print-report.js";
import { ProbeCalls } from "../../src/cli/probe/probe-calls.js";
import { type ProbeReport, probeErp } from "../../src/cli/probe/probe-erp.js";
import { keysThatPay, propose } from "../../src/cli/probe/propose.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { ProbedErp, type ProbedErpOptions } from "./probed-erp.js";

const usual: ProbedErpOptions = { workers: 4, callMs: 40, keyMs: 0.5, keysPerCall: 100 };
const skus = Array.from({ length: 150 }, (_, index) => `SKU-${index}`);

interface Probed {
  readonly report: ProbeReport | null;
  readonly error: Error | null;
  readonly erp: ProbedErp;
}

async function probe(
  options: Partial<ProbedErpOptions>,
  bounds: { maxCalls?: number; maxConcurrency?: number; skus?: string[] } = {},
): Promise<Probed> {
  const clock = new VirtualClock();
  const erp = new ProbedErp({ ...usual, ...options }, clock);
  const { maxCalls = 400, maxConcurrency = 16 } = bounds;
  const calls = new ProbeCalls({ maxCalls, maxConcurrency, timeoutMs: 5_000, clock, now: () => clock.now() });
  let ended: Probed | null = null;
  probeErp(erp.connector, calls, { skus: bounds.skus ?? skus, customer: null }).then(
    (report) => {
      ended = { report, error: null, erp };
    },
    (error: Error) => {
      ended = { report: null, error, erp };
    },
  );
  for (let turns = 0; ended === null && turns < 1_000; turns++) await clock.advance(1_000);
  if (ended === null) throw new Error("the probe does not end");
  return ended;
}

async function reportOf(...args: Parameters<typeof probe>): Promise<ProbeReport> {
  const { report, error } = await probe(...args);
  if (report === null) throw error;
  return report;
}

describe("the knee", () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 16])(
    "of an ERP with %i workers is found where nine tenths of its answers are had",
    async (workers) => {
      const { knee } = await reportOf({ workers });
      expect(knee.concurrency).toBeLessThanOrEqual(workers);
      expect(knee.concurrency).toBeGreaterThanOrEqual(Math.ceil(workers * 0.85));
    },
  );

  test("beyond the most that may be tried is said to be beyond", async () => {
    expect((await reportOf({ workers: 20 }, { maxConcurrency: 6 })).knee).toMatchObject({
      concurrency: 6,
      isBound: true,
    });
    expect((await reportOf({ workers: 3 }, { maxConcurrency: 16 })).knee).toMatchObject({
      concurrency: 3,
      isBound: false,
    });
  });

  test("of an ERP that gets slower the more it has to do is where it does most", async () => {
    const { knee } = await reportOf({ workers: 4, callMs: 38, contention: 0.2 });
    const best = Math.max(...knee.levels.map(({ perSecond }) => perSecond));
    const at = knee.levels.find(({ concurrency }) => concurrency === knee.concurrency);
    expect(at?.perSecond).toBeGreaterThanOrEqual(best * 0.9);
    expect(knee.concurrency).toBeLessThanOrEqual(4);
  });

  test("is below what the ERP refuses, and nothing above that is tried", async () => {
    const { report, erp } = await probe({ workers: 8, room: 5 });
    expect(report?.knee.concurrency).toBeLessThanOrEqual(5);
    expect(Math.max(...(report?.knee.levels ?? []).map(({ concurrency }) => concurrency))).toBe(8);
    expect(report?.knee.levels.find(({ concurrency }) => concurrency === 8)?.trouble).toBe("no room");
    expect(erp.peakInFlight).toBeLessThanOrEqual(5);
  });
});

describe("the search for the knee", () => {
  const levelOf = (concurrency: number, perSecond: number, trouble: string | null = null) => ({
    ...{ concurrency, perSecond, trouble },
    medianMs: 1,
  });

  test("tries again what gained nothing, since something else may just have kept the ERP busy", async () => {
    const tried: number[] = [];
    const knee = await findKnee(async (concurrency) => {
      tried.push(concurrency);
      const isDisturbed = concurrency === 4 && tried.filter((each) => each === 4).length === 1;
      return levelOf(concurrency, isDisturbed ? 5 : Math.min(concurrency, 8) * 10);
    }, 16);
    expect(knee.concurrency).toBe(8);
    expect(tried.slice(0, 5)).toEqual([1, 2, 4, 4, 8]);
  });

  test("never tries again, nor more, what made trouble", async () => {
    const tried: number[] = [];
    const knee = await findKnee(async (concurrency) => {
      tried.push(concurrency);
      return concurrency < 4 ? levelOf(concurrency, concurrency) : levelOf(concurrency, 0, "503");
    }, 16);
    expect(tried).toEqual([1, 2, 4]);
    expect(knee).toMatchObject({ concurrency: 2, isBound: false });
  });

  test("ends where no calls are left", async () => {
    const knee = await findKnee(
      async (concurrency) => (concurrency > 2 ? null : levelOf(concurrency, concurrency)),
      16,
    );
    expect(knee).toMatchObject({ concurrency: 2, isBound: true });
  });
});

describe("the latency of a call", () => {
  test("is a + b × keys, of which both are found", async () => {
    const { line, sizes } = await reportOf({ callMs: 40, keyMs: 0.5 });
    expect(sizes.map(({ keys }) => keys)).toEqual([1, 4, 16, 64, 100]);
    expect(line?.a).toBeCloseTo(40, 0);
    expect(line?.b).toBeCloseTo(0.5, 1);
    expect(line?.explains).toBeGreaterThan(0.99);
  });

  test("tells from how many keys on batching gains little", async () => {
    expect(keysThatPay(await reportOf({ callMs: 10, keyMs: 10 }))).toBe(10);
    expect(keysThatPay(await reportOf({ keysPerCall: 1 }))).toBeNull();
  });

  test("with fewer SKUs than fit into a call is measured for those alone, and that is said", async () => {
    const report = await reportOf({}, { skus: skus.slice(0, 10) });
    expect(report.sizes.map(({ keys }) => keys)).toEqual([1, 4, 10]);
    expect(printReport(report, "probed")).toContain("only 10 SKUs were to be had");
  });
});

describe("the bounds", () => {
  test("of calls, and of calls at once, are held to by every probe of every ERP", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          workers: fc.integer({ min: 1, max: 20 }),
          callMs: fc.integer({ min: 1, max: 300 }),
          keysPerCall: fc.integer({ min: 1, max: 120 }),
        }),
        fc.record({ maxCalls: fc.integer({ min: 1, max: 250 }), maxConcurrency: fc.integer({ min: 1, max: 20 }) }),
        async (options, bounds) => {
          const { report, error, erp } = await probe(options, bounds);
          expect(erp.calls).toBeLessThanOrEqual(bounds.maxCalls);
          expect(erp.peakInFlight).toBeLessThanOrEqual(bounds.maxConcurrency);
          if (bounds.maxCalls >= 40) expect(report?.knee.levels.length).toBeGreaterThan(0);
          else if (report === null) expect(error?.message).toContain("spent");
        },
      ),
      { numRuns: 60 },
    );
  });

  test("an ERP that does not answer is asked once, for as long as a call may take", async () => {
    const { error, erp } = await probe({ hangs: true });
    expect(error).toMatchObject({ code: "ERP_TIMEOUT" });
    expect(erp.calls).toBe(1);
  });
});

describe("the report", () => {
  test("tells decimals, tax side, ladders and what an unknown SKU does", async () => {
    const report = await reportOf({ ladder: { unitPrice: "12.3450", taxBasis: "GROSS", taxRate: "20" } });
    expect(report.facts).toMatchObject({
      found: 100,
      decimals: 3,
      taxBases: ["GROSS"],
      currencies: ["EUR"],
      wholeLadders: 100,
    });
    expect(report.unknownSku).toBe("told as unknown, its neighbours answered");
    const printed = printReport(report, "probed");
    expect(printed).toContain("prices gross of tax, in EUR, with at most 3 decimals");
    expect(printed).toContain(`${report.calls} calls made`);
  });

  test("proposes the knee, a time-out for a full call among others, and windows that half of the capacity keeps", async () => {
    const slow = await reportOf({ workers: 2, callMs: 500, keyMs: 10 });
    const value = (name: string) => Number(propose(slow).find((each) => each.name === name)?.value);
    expect(value("ERP_MAX_CONCURRENCY")).toBe(2);
    // A full call takes 1500 ms, and a first one of that size as long.
    expect(value("ERP_TIMEOUT_MS")).toBe(6_000);
    // 24 keys in 740 ms, two calls at once: 65 keys a second, of which half keep 1,000 SKUs fresh for 31 s.
    expect(value("PRICE_FRESH_SECONDS")).toBe(60);
    expect(value("STOCK_FRESH_SECONDS")).toBe(31);
  });
});

describe("the command", () => {
  async function run(
    env: Record<string, string>,
    ...args: string[]
  ): Promise<{ code: number | null; out: string; err: string }> {
    const child = spawn(process.execPath, ["dist/src/cli/pricelane.js", "probe", ...args], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const printed = { out: "", err: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      printed.out += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      printed.err += chunk.toString("utf8");
    });
    const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
    return { code, ...printed };
  }

  test("on the demonstration ERP, for real: a report within its bounds, and settings that the gateway takes", async () => {
    const { code, out } = await run({}, "--json", "--max-concurrency", "4");
    expect(code).toBe(0);
    const report = JSON.parse(out) as ProbeReport & { settings: { name: string; value: string }[] };
    expect(report.calls).toBeLessThanOrEqual(200);
    expect(report.peakInFlight).toBeLessThanOrEqual(4);
    // It takes 40 ms a call and 0.2 ms a line, give or take a tenth, and bears 8 at once.
    expect(report.line?.a).toBeGreaterThan(30);
    expect(report.knee.isBound).toBe(true);
    expect(report.settings.map(({ name }) => name)).toEqual([
      "ERP_MAX_CONCURRENCY",
      "ERP_TIMEOUT_MS",
      "PRICE_FRESH_SECONDS",
      "STOCK_FRESH_SECONDS",
    ]);
  });

  test("asks before it makes more calls than usual, and where nobody can be asked makes none", async () => {
    const { code, err } = await run({ ERP_CONNECTOR: "port", ERP_URL: "http://127.0.0.1:4" }, "--max-calls", "500");
    expect(err).toContain("more than 200 calls are made with --yes alone");
    expect(code).toBe(2);
  });

  test("an ERP that is not there is said to be the trouble", async () => {
    const { code, err } = await run({ ERP_CONNECTOR: "port", ERP_URL: "http://127.0.0.1:4" });
    expect(err).toContain("the ERP could not be reached");
    expect(code).toBe(1);
  });

  test("settings that cannot be used are named", async () => {
    const { code, err } = await run({ ERP_CONNECTOR: "sql" });
    expect(err).toContain("SQL_URL is missing");
    expect(code).not.toBe(0);
  });
});
