import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { TargetLock } from "../../../src/cli/feed/target-lock.js";
import { eventually } from "../../support/eventually.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { makeFolder } from "./feed-setup.js";

const folder = makeFolder();
const path = join(folder, "x.lock");
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(path, { force: true }));

const wall = () => new VirtualClock(Date.now());
const { pid: deadPid } = spawnSync(process.execPath, ["-e", ""]);

/** As another process holds it. @param ageMs since its last word */
function hold(pid: number, host = hostname(), ageMs = 0): void {
  writeFileSync(path, JSON.stringify({ pid, host, id: "1" }));
  const at = new Date(Date.now() - ageMs);
  utimesSync(path, at, at);
}

describe("a target's lock", () => {
  test("is refused while another process lives that holds it, by its name", async () => {
    hold(process.ppid);
    await expect(TargetLock.take(path, wall())).rejects.toMatchObject({
      reason: "busy",
      message: expect.stringContaining(`process ${process.ppid}`),
    });
    expect(readFileSync(path, "utf8")).toContain(String(process.ppid));
  });

  test.each<[string, () => void]>([
    ["a process that died", () => hold(deadPid)],
    ["a process that had our number, as in a container that was started again", () => hold(process.pid)],
    [
      "a process that said nothing for over 5 minutes: its number is another's by now",
      () => hold(process.ppid, hostname(), 301_000),
    ],
    ["a machine that said nothing for over 5 minutes", () => hold(1, "elsewhere", 301_000)],
    [
      "nobody knows whom, for over 5 minutes",
      () => {
        writeFileSync(path, "");
        utimesSync(path, new Date(0), new Date(0));
      },
    ],
  ])("is taken over from %s", async (_who, held) => {
    held();
    const lock = await TargetLock.take(path, wall());
    await lock.verify();
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is not taken over from another machine that told of itself of late, nor from who has not written its name yet", async () => {
    hold(deadPid, "elsewhere", 200_000);
    await expect(TargetLock.take(path, wall())).rejects.toMatchObject({ reason: "busy" });
    writeFileSync(path, "");
    await expect(TargetLock.take(path, wall())).rejects.toMatchObject({ reason: "busy" });
  });

  test("is renewed while it is held", async () => {
    const clock = wall();
    const lock = await TargetLock.take(path, clock);
    await clock.advance(600_000);
    await eventually("its last word is of late", () => statSync(path).mtimeMs > clock.now() - 60_000);
    await lock.release();
    expect(clock.pendingTimers).toBe(0);
  });

  test("that another run took is no longer ours, and is left to it", async () => {
    const lock = await TargetLock.take(path, wall());
    hold(process.ppid);
    await expect(lock.verify()).rejects.toMatchObject({ reason: "busy" });
    await lock.release();
    expect(readFileSync(path, "utf8")).toContain(String(process.ppid));
  });
});
