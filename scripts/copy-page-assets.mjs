// Puts the files of the landing page beside its compiled module, so that the built gateway needs none of the packages they
// come from. Run after the compiler: node scripts/copy-page-assets.mjs
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assetSources, readAssetSource } from "../dist/src/http/page/page-assets.js";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = join(root, "src/http/page");
const target = join(root, "dist/src/http/page/assets");

mkdirSync(target, { recursive: true });
for (const asset of assetSources) writeFileSync(join(target, asset.name), readAssetSource(asset, sources));
writeFileSync(join(target, "NOTICE.txt"), renderNotice());

/** Whose work is served, and under which licence; the licences' texts of the packages that we take files from. */
function renderNotice() {
  const packages = [...new Set(assetSources.flatMap((asset) => asset.package ?? []))];
  const bundled = namesInside("graphiql/graphiql.min.js.map").filter((name) => !packages.includes(name));
  return [
    "The landing page serves these packages:",
    "",
    ...packages.map((name) => `- ${name} ${read(name).version}, ${licenceOf(name)}`),
    "",
    "graphiql.js holds, besides GraphiQL itself, code of:",
    "",
    ...bundled.map((name) => `- ${name}, ${licenceOf(name)}`),
    "",
    "graphiql.css holds the fonts Roboto (Apache-2.0) and Fira Code (OFL-1.1).",
    ...packages.flatMap((name) => ["", `--- ${name} ---`, "", readFileSync(inPackage(name, "LICENSE"), "utf8").trim()]),
    "",
  ].join("\n");
}

/** The packages that a source map's files come from. */
function namesInside(map) {
  const { sources: files } = JSON.parse(readFileSync(join(root, "node_modules", map), "utf8"));
  return [...new Set(files.flatMap((file) => packageOf(file) ?? []))].sort();
}

/** Files of GraphiQL's own repository are named by its folders, all others by where they were installed. */
function packageOf(file) {
  const installed = file.split("node_modules/").slice(1).pop();
  if (installed !== undefined) return installed.match(/^(@[^/]+\/)?[^/]+/)?.[0];
  return file.match(/^\.\.\/\.\.\/([^/]+)/)?.[1].replace(/^graphiql-/, "@graphiql/");
}

/** The licence of a bundled package as it is installed here; what is bundled alone is not installed. */
function licenceOf(name) {
  return existsSync(inPackage(name, "package.json")) ? read(name).license : "licence as published with the package";
}

function read(name) {
  return JSON.parse(readFileSync(inPackage(name, "package.json"), "utf8"));
}

function inPackage(name, file) {
  return join(root, "node_modules", name, file);
}
