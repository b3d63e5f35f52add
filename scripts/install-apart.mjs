import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// `node scripts/install-apart.mjs <folder>`: installs the packages of a folder that has a package-lock.json of its own, unless
// they are there as that file says. What only a benchmark or one suite needs is no part of the root's `npm ci`.
const [, , folder = ""] = process.argv;
const path = (name) => fileURLToPath(new URL(`../${folder}/${name}`, import.meta.url));
const read = (name) => {
  try {
    return readFileSync(path(name), "utf8");
  } catch {
    return null;
  }
};

const wanted = read("package-lock.json");
if (wanted === null) throw new Error(`${folder} has no package-lock.json: name a folder that has one`);
if (read("node_modules/.installed-lock.json") !== wanted) {
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--prefix", path("")], { stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
  writeFileSync(path("node_modules/.installed-lock.json"), wanted);
}
