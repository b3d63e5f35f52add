import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { loadDriver } from "../../../src/erp/sql/load-driver.js";

test("a driver that is not there is named with the command that installs it", () => {
  expect(() => loadDriver("no-such-driver")).toThrow("run `npm install no-such-driver` where Pricelane is installed");
});

test("no driver is a peer of Pricelane: of an optional peer that command says that all is well, and installs nothing", () => {
  expect(Object.keys(JSON.parse(readFileSync("package.json", "utf8")))).not.toContain("peerDependencies");
});
