import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deviations } from "./deviations.js";

// Runs the suite and compares what failed with the deviations: one more fails this, and so does one that is listed in vain.

interface Result {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly testResults: readonly { readonly message: string; readonly assertionResults: readonly Assertion[] }[];
}

interface Assertion {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** A file of this folder, seen from `dist/test/apollo`. */
const pathOf = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

function runSuite(): Result {
  const outputFile = pathOf("dist/result.json");
  rmSync(outputFile, { force: true });
  const config = pathOf("jest.config.json");
  spawnSync(
    process.execPath,
    [pathOf("node_modules/jest/bin/jest.js"), "--config", config, "--json", "--outputFile", outputFile],
    { stdio: "ignore", env: { ...process.env, NODE_ENV: "test", NODE_OPTIONS: "--experimental-vm-modules" } },
  );
  return JSON.parse(readFileSync(outputFile, "utf8")) as Result;
}

const { numPassedTests, numPendingTests, testResults } = runSuite();
if (numPassedTests === 0) throw new Error(testResults.map(({ message }) => message).join("\n") || "no test ran");
const failed = testResults.flatMap(({ assertionResults }) => assertionResults).filter(isFailed);
const failedNames = new Set(failed.map(({ fullName }) => fullName));
const unexpected = failed.filter(({ fullName }) => !(fullName in deviations));
const inVain = Object.keys(deviations).filter((name) => !failedNames.has(name));

for (const { fullName, failureMessages } of unexpected)
  console.log(`FAILED ${fullName}\n${failureMessages.join("\n")}\n`);
for (const name of inVain) console.log(`LISTED IN VAIN, take it out of deviations.ts: ${name}\n`);
for (const [name, reason] of Object.entries(deviations)) console.log(`otherwise by intent: ${name}: ${reason}`);
console.log(
  `Apollo's suite: ${numPassedTests} passed, ${unexpected.length} failed, ` +
    `${failedNames.size - unexpected.length} otherwise by intent, ${numPendingTests} skipped`,
);
process.exitCode = unexpected.length + inVain.length > 0 ? 1 : 0;

function isFailed({ status }: Assertion): boolean {
  return status === "failed";
}
