import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { exitCodes } from "../../src/cli/feed/feed-ended.js";
import { recordOf } from "../feed/formats/record-samples.js";
import { eventually } from "../support/eventually.js";
import { FakeGateway } from "./feed/fake-gateway.js";
import { makeFolder } from "./feed/feed-setup.js";

let gateway: FakeGateway;
let folder = "";
let out = "";
beforeAll(async () => {
  gateway = await FakeGateway.start();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  folder = makeFolder();
  out = join(folder, "prices.ndjson");
  gateway.fates = [];
  gateway.deltas.clear();
  gateway.asked.length = 0;
  gateway.pageMs = 0;
  gateway.pageSize = 3;
  gateway.fill(10);
  return () => rmSync(folder, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built command. @param env all that it sees of the environment */
function start(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const command = ["dist/src/cli/pricelane.js", "feed", "--out", out, "--url", gateway.url, ...args];
  return watch(spawn(process.execPath, command, { env: { PATH: process.env["PATH"] ?? "", ...env } }));
}

function watch(child: ChildProcess): { child: ChildProcess; ended: Promise<Ended>; said: () => string } {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => {
    output.stdout += chunk.toString("utf8");
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    output.stderr += chunk.toString("utf8");
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code) => resolve({ code, ...output })));
  return { child, ended, said: () => output.stderr };
}

const run = (...args: string[]) => start(args).ended;
const told = () => `${gateway.records.map((record) => JSON.stringify(record)).join("\n")}\n`;

describe("pricelane feed", () => {
  test("writes the file and says what it came to, on stderr and as JSON", async () => {
    const summary = join(folder, "summary.json");
    const { code, stdout, stderr } = await run("--summary", summary);
    expect([code, stdout]).toEqual([0, ""]);
    expect(stderr).toContain("Everything: 10 items in");
    expect(readFileSync(out, "utf8")).toBe(told());
    expect(JSON.parse(readFileSync(summary, "utf8"))).toMatchObject({
      kind: "full",
      files: [out],
      counts: { items: 10, unpriced: {} },
    });
  });

  test("mints its token by the demonstration's key where nothing is set, and is silent where it is to be", async () => {
    expect(await run("--quiet")).toEqual({ code: 0, stdout: "", stderr: "" });
    const token = gateway.asked[0]?.authorization?.split(" ")[1] ?? "";
    expect(decodeJwt(token)).toMatchObject({ scope: "feed", aud: "pricelane" });
  });

  test("takes its token from PRICELANE_TOKEN before any key", async () => {
    await start(["--quiet"], { PRICELANE_TOKEN: "mine" }).ended;
    expect(gateway.asked[0]?.authorization).toBe("Bearer mine");
  });

  test("says what to set where there is no token", async () => {
    const { code, stderr } = await start([], { NODE_ENV: "production" }).ended;
    expect([code, stderr]).toEqual([2, expect.stringContaining("set PRICELANE_TOKEN or give --token-file")]);
  });

  test.each([
    ["no target", ["--out", ""], "--out"],
    ["a format that is none", ["--format", "csv"], "Allowed choices are ndjson"],
    ["an address that is none", ["--url", "localhost:4000"], "http://127.0.0.1:4000"],
    ["an address with a password", ["--url", "http://a:b@localhost"], "Leave name and password out"],
    ["an address with a query", ["--url", "http://localhost?a=b"], "Leave out what follows"],
    ["less than no safety stock", ["--format", "google-tsv", "--safety-stock", "-1"], "decimal from 0"],
    ["a rule that ndjson does not heed", ["--safety-stock", "1"], "--safety-stock means nothing to --format ndjson"],
    ["a delta for Google", ["--format", "google-xml", "--delta"], "run in full"],
    ["no seller for Amazon", ["--format", "amazon-json"], "needs --seller-id and --marketplace-id"],
    ["a seller that Amazon has not", ["--format", "amazon-json", "--seller-id", "me"], "as Amazon writes it"],
    ["Amazon's rules for Google", ["--format", "google-tsv", "--seller-id", "A2EXAMPLE"], "--seller-id means nothing"],
    ["no time to give up", ["--give-up-after", "0"], "1 to 86400"],
    ["an empty file instead of a delta", ["--delta", "--allow-empty"], "which may be empty"],
    ["--full-if-lost alone", ["--full-if-lost"], "goes with --delta"],
    ["one file for two things", ["--state", "x", "--summary", "x"], "three files"],
    ["a token on the command line", ["--token", "abc"], "unknown option"],
  ])("ends with exit code 2 and says so for %s", async (_what, args, said) => {
    expect(await run(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(said) });
    expect(gateway.asked).toEqual([]);
  });

  test("ends with exit code 9 where nothing is for sale, and with 0 where that was allowed", async () => {
    gateway.fill(0);
    expect(await run("--quiet")).toMatchObject({ code: 9, stderr: expect.stringContaining("--allow-empty") });
    expect(existsSync(out)).toBe(false);
    expect(await run("--quiet", "--allow-empty")).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(out, "utf8")).toBe("");
  });

  test("tells a marketplace as FEED_SAFETY_STOCK says, unless it is told otherwise", async () => {
    const google = ["--quiet", "--fresh", "--format", "google-tsv"];
    const env = { FEED_SAFETY_STOCK: "google 100" };
    expect(await start(google, env).ended).toMatchObject({ code: 0, stderr: "" });
    expect(readFileSync(out, "utf8").match(/\tout_of_stock/g)).toHaveLength(10);
    await start([...google, "--safety-stock", "0"], env).ended;
    expect(readFileSync(out, "utf8")).not.toContain("out_of_stock");
    const away = { ERP_CONNECTOR: "port", PRICELANE_TOKEN: "t" };
    expect(await start(google, away).ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("give --safety-stock"),
    });
  });

  test("cuts Amazon's file where Amazon's bounds are, and takes away what there are fewer of", async () => {
    const amazon = ["--format", "amazon-json", "--seller-id", "A2EXAMPLE", "--marketplace-id", "A13V1IB3VIYZZH"];
    gateway.pageSize = 1_000;
    gateway.fill(25_001);
    expect(await run(...amazon)).toMatchObject({ code: 0 });
    const parts = () => readdirSync(folder).filter((name) => /^prices-\d+\.ndjson$/.test(name));
    const messagesIn = (name: string) =>
      (JSON.parse(readFileSync(join(folder, name), "utf8")) as { messages: { sku: string }[] }).messages;
    expect(parts().length).toBeGreaterThan(1);
    const listed = () => JSON.parse(readFileSync(`${out}.parts.json`, "utf8"));
    expect(listed()).toEqual({ files: parts() });
    expect(
      parts()
        .flatMap(messagesIn)
        .map(({ sku }) => sku),
    ).toEqual(gateway.records.map(({ sku }) => sku));
    expect(messagesIn("prices-1.ndjson").length).toBeLessThanOrEqual(25_000);
    gateway.fill(2);
    expect(await run(...amazon)).toMatchObject({ code: 10, stderr: expect.stringContaining("--allow-shrink") });
    expect(parts()).toHaveLength(2);
    expect(await run(...amazon, "--allow-shrink")).toMatchObject({ code: 0 });
    expect([parts(), existsSync(out)]).toEqual([["prices-1.ndjson"], false]);
    expect(listed()).toEqual({ files: ["prices-1.ndjson"] });
  });

  test("tells of its exit codes in its help", async () => {
    const { code, stdout } = await run("--help");
    const listed = [...stdout.matchAll(/^ {2}(\d+) +\S/gm)].map(([, exitCode]) => Number(exitCode));
    expect([code, listed]).toEqual([0, Object.values(exitCodes)]);
  });

  test("ends with exit code 4 where something could not be told and --strict is given, with the file whole", async () => {
    const errors = [{ field: "price", code: "ERP_TIMEOUT", message: "late" }] as const;
    gateway.records = [...gateway.records, recordOf({ sku: "LATE", price: null, errors })];
    expect(await run("--quiet")).toMatchObject({ code: 0, stderr: "" });
    const { code, stderr } = await run("--quiet", "--strict");
    expect([code, stderr]).toEqual([4, expect.stringContaining('1 without a price, ERP_TIMEOUT: "LATE"')]);
    expect(readFileSync(out, "utf8")).toBe(told());
  });

  test("ends with exit code 5 where nobody can tell what changed, 6 where the token is refused, 7 where it cannot write", async () => {
    expect(await run("--delta")).toMatchObject({ code: 5, stderr: expect.stringContaining("--full-if-lost") });
    gateway.fates = [{ status: 401 }];
    expect(await run()).toMatchObject({ code: 6 });
    expect(await run("--out", join(folder, "none", "x"))).toMatchObject({
      code: 7,
      stderr: expect.stringContaining(`${join(folder, "none")} is no folder`),
    });
    expect(await run("--out", folder)).toMatchObject({ code: 7, stderr: expect.stringContaining("is a folder") });
    expect(existsSync(out)).toBe(false);
  });

  test("asks again within a run, and ends with exit code 3 once nothing comes for --give-up-after", async () => {
    gateway.fates = [{ errorAfterPages: 1 }];
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining("asking again in 1 s") });
    gateway.fates = [{ status: 503, headers: { "retry-after": "30" } }];
    const { code, stderr } = await run("--give-up-after", "5");
    expect([code, stderr]).toEqual([3, expect.stringContaining("HTTP 503; given up. The same command goes on")]);
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "is stopped by %s where it is, says so, and goes on from there",
    async (signal) => {
      gateway.pageMs = 200;
      const { child, ended, said } = start([]);
      await eventually("two pages are kept", () => itemsKept() >= 6);
      child.kill(signal);
      expect(await ended).toMatchObject({
        code: 3,
        stderr: expect.stringContaining(`stopped by ${signal}; the same command`),
      });
      expect(readdirSync(folder).sort()).toEqual(["prices.ndjson.state.json", "prices.ndjson.state.json.partial"]);
      expect(said()).not.toContain("    at ");
      gateway.pageMs = 0;
      expect(await run()).toMatchObject({ code: 0 });
      expect(gateway.asked.at(-1)?.search.get("after")).toMatch(/^c[69]$/);
      expect(readFileSync(out, "utf8")).toBe(told());
    },
  );

  test("killed by SIGKILL at any moment goes on, and its file is as if it had not been", async () => {
    gateway.fill(40);
    gateway.pageMs = 15;
    let kills = 0;
    for (let items = 0; items < 33; items = itemsKept()) {
      const { child, ended } = start([]);
      const before = itemsKept();
      await eventually("it goes on", () => itemsKept() >= before + 4 || child.exitCode !== null);
      // Wherever it is then: between two pages, in one, or writing one down.
      await new Promise((resolve) => setTimeout(resolve, kills % 15));
      child.kill("SIGKILL");
      await ended;
      if (existsSync(out)) break;
      kills += 1;
    }
    expect(kills).toBeGreaterThan(2);
    expect(await run()).toMatchObject({ code: 0 });
    expect(readFileSync(out, "utf8")).toBe(told());
    expect(readdirSync(folder).sort()).toEqual(["prices.ndjson", "prices.ndjson.state.json"]);
  });

  test("on a full disk says so with exit code 7, loses nothing, and goes on where there is room", async () => {
    gateway.fill(60);
    writeFileSync(out, "yesterday's");
    // A bound on the size of files stands in for the disk.
    const runWithin = (kilobytes: number) => {
      const command = ["dist/src/cli/pricelane.js", "feed", "--out", out, "--url", gateway.url];
      const script = `ulimit -f ${kilobytes}; exec "$0" "$@"`;
      return watch(spawn("bash", ["-c", script, process.execPath, ...command])).ended;
    };
    expect(await runWithin(0)).toMatchObject({
      code: 7,
      stderr: expect.stringContaining("prices.ndjson.lock cannot be"),
    });
    expect(readdirSync(folder)).toEqual(["prices.ndjson"]);
    const { code, stderr } = await runWithin(16);
    expect([code, stderr]).toEqual([
      7,
      expect.stringMatching(/prices\.ndjson\.state\.json\.partial cannot be written \(EFBIG\): make room/),
    ]);
    expect(readFileSync(out, "utf8")).toBe("yesterday's");
    expect(itemsKept()).toBeGreaterThan(3);
    expect(await run()).toMatchObject({ code: 0, stderr: expect.stringContaining("going on with the run of") });
    expect(readFileSync(out, "utf8")).toBe(told());
  });

  test("is one of several at a target, also where a dead run left its lock", async () => {
    let open = () => {};
    gateway.gate = new Promise((resolve) => {
      open = resolve;
    });
    writeFileSync(`${out}.lock`, JSON.stringify({ pid: 2 ** 30, host: hostname(), id: "dead" }));
    utimesSync(`${out}.lock`, new Date(), new Date());
    let ended = 0;
    const runs = [run(), run(), run()].map(async (each) => {
      const end = await each;
      ended += 1;
      return end;
    });
    await eventually("two are refused", () => ended === 2);
    open();
    const all = await Promise.all(runs);
    expect(all.map(({ code }) => code).sort()).toEqual([0, 8, 8]);
    expect(all.find(({ code }) => code === 8)?.stderr).toMatch(
      /prices\.ndjson\.lock is held by the run with process \d+/,
    );
    expect(readFileSync(out, "utf8")).toBe(told());
  });
});

/** Of the run under way, by its state; 0 where there is none. */
function itemsKept(): number {
  const path = `${out}.state.json`;
  if (!existsSync(path)) return 0;
  const { state } = JSON.parse(readFileSync(path, "utf8")) as { state: { run: { items: number } | null } };
  return state.run?.items ?? 0;
}
