import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from "node:fs";
import { stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { LogStream } from "../../src/telemetry/log-stream.js";
import { eventually } from "../support/eventually.js";

const folder = mkdtempSync(join(tmpdir(), "pricelane-log-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("a stream of log lines", () => {
  test("writes all of them, in their order, and what waits before flushSync returns", async () => {
    const file = join(folder, "lines");
    const fd = openSync(file, "w");
    const stream = new LogStream(fd);
    const lines = Array.from({ length: 1_000 }, (_, index) => `line ${index}\n`);
    for (const line of lines) stream.write(line);
    await eventually("all is written", () => readFileSync(file, "utf8") === lines.join(""));
    stream.write("under way\n");
    stream.write("the last\n");
    stream.flushSync();
    await eventually("both are there", () => readFileSync(file, "utf8").split("\n").length === 1_003);
    expect(readFileSync(file, "utf8")).toContain("the last\n");
    closeSync(fd);
  });

  test("waits for a reader that is slow, and loses nothing", async () => {
    const fifo = join(folder, "fifo");
    execFileSync("mkfifo", [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const stream = new LogStream(fd);
    const line = `${"x".repeat(300_000)}\n`;
    stream.write(line); // more than a pipe holds
    let read = "";
    await eventually("all was read", () => {
      read += readNow(fd);
      return read.length === line.length;
    });
    expect(read).toBe(line);
    closeSync(fd);
  });

  test("keeps so much for a reader that stands still, and tells how many lines were lost when it goes on", async () => {
    const fifo = join(folder, "standing");
    execFileSync("mkfifo", [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const line = `${"x".repeat(99_999)}\n`; // more than a pipe holds
    const stream = new LogStream(fd, 8 * line.length);
    // The first is being written, eight wait, and three are too many.
    for (let count = 0; count < 12; count++) stream.write(line);
    let read = "";
    await eventually("the rest was read", () => {
      read += readNow(fd);
      return read.endsWith("}\n");
    });
    const [told, ...kept] = read.trimEnd().split("\n").reverse();
    expect(JSON.parse(told as string)).toMatchObject({ level: "warn", count: 3 });
    expect(kept).toHaveLength(9);
    closeSync(fd);
  });

  test("writes the rest of a line that its reader took in part before flushSync returns, and that once", async () => {
    const fifo = join(folder, "in-part");
    execFileSync("mkfifo", [fifo]);
    const fd = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const stream = new LogStream(fd);
    const line = `${"x".repeat(66_000)}\n`; // a little more than a pipe holds
    stream.write(line);
    // Both writes, of which the second meets a full pipe, are through by then: each of these takes its turn behind them.
    for (let turn = 0; turn < 50; turn++) await stat(fifo);
    let read = readNow(fd);
    stream.write("the last\n");
    stream.flushSync();
    read += readNow(fd);
    expect(read).toBe(`${line}the last\n`);
    stream.write("one more\n");
    await eventually("it goes on", () => readNow(fd) === "one more\n");
    closeSync(fd);
  });

  test("goes on where nothing can be written, as on a full disk", () => {
    const fd = openSync("/dev/full", "w");
    const stream = new LogStream(fd);
    stream.write("lost\n");
    stream.write("lost as well\n");
    expect(() => stream.flushSync()).not.toThrow();
  });
});

function readNow(fd: number): string {
  const bytes = Buffer.alloc(65_536);
  try {
    return bytes.toString("latin1", 0, readSync(fd, bytes));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return "";
    throw error;
  }
}

describe("a gateway whose log goes nowhere", () => {
  test.each([
    ["into a pipe that nobody reads any more", "pipe" as const],
    ["onto a full disk", openSync("/dev/full", "w")],
  ])("%s answers all the same, and ends on SIGTERM", async (_where, stdout) => {
    const child = spawn(process.execPath, ["dist/src/main.js"], {
      env: { PATH: process.env["PATH"], PORT: "0" },
      stdio: ["ignore", stdout, "pipe"],
    });
    const ended = once(child, "exit");
    const killer = setTimeout(() => child.kill("SIGKILL"), 25_000);
    let told = "";
    child.stderr?.on("data", (bytes: Buffer) => {
      told += bytes.toString();
    });
    const url = await eventually("it listens", () => /GraphQL: +(\S+)/.exec(told)?.[1], { withinMs: 20_000 });
    child.stdout?.destroy();
    const answer = await fetch(`${url}?query={__typename}`, { headers: { "apollo-require-preflight": "yes" } });
    expect(await answer.json()).toEqual({ data: { __typename: "Query" } });
    child.kill("SIGTERM");
    expect(await ended).toEqual([0, null]);
    clearTimeout(killer);
  });
});
