import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";

/** Runs the built command, in an environment without settings but for those given. */
function pricelane(args: readonly string[], settings: Readonly<Record<string, string>> = {}) {
  const env = { PATH: process.env["PATH"], ...settings };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["dist/src/cli/pricelane.js", ...args], {
    encoding: "utf8",
    env,
    timeout: 20_000,
  });
  return { exitCode: status, stdout, stderr };
}

describe("pricelane", () => {
  test("lists its commands with --help", () => {
    const { exitCode, stdout } = pricelane(["--help"]);
    const listed = [...(stdout.split("Commands:")[1]?.matchAll(/^ {2}([a-z-]+) /gm) ?? [])].map(([, name]) => name);
    expect([exitCode, listed.sort()]).toEqual([
      0,
      ["conformance", "demo-erp", "feed", "help", "probe", "quote", "settings", "start", "token"],
    ]);
  });

  test.each([
    [["prob"], 'there is no command "prob"; `pricelane --help` lists them'],
    [["--prob"], "unknown option '--prob'"],
    [["start", "now"], "too many arguments for 'start'"],
    [["quote"], "Usage: pricelane quote"],
    [["token", "--minutes", "x"], "Give a whole number from 1"],
    [["demo-erp", "--port", "x"], "give a number from 0 up"],
    [["feed"], "required option '--out <file>'"],
    [["probe", "--url", "x"], "unknown option '--url'"],
  ])("ends with exit code 2 for %j, and says why", (args, said) => {
    expect(pricelane(args)).toEqual({ exitCode: 2, stdout: "", stderr: expect.stringContaining(said) });
  });

  test("names a setting that cannot be used, and nothing else", () => {
    const { exitCode, stderr } = pricelane(["token"], { PORT: "80000" });
    expect([exitCode, stderr]).toEqual([
      2,
      'pricelane: the settings cannot be used:\n  - PORT should be a whole number from 0 to 65535, not "80000"\n',
    ]);
  });

  test("starts the gateway without a command, and says what is wrong with its settings", () => {
    for (const args of [[], ["start"]])
      expect(pricelane(args, { PORT: "80000" })).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("PORT"),
      });
  });
});
