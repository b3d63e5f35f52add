import { existsSync, readFileSync } from "node:fs";

/** The version of the package this file belongs to, as in package.json; beside the sources, or one folder up once built. */
export function readVersion(): string {
  const manifest = ["../package.json", "../../package.json"]
    .map((path) => new URL(path, import.meta.url))
    .find((url) => existsSync(url));
  if (manifest === undefined) throw new Error("package.json is not where it belongs");
  return (JSON.parse(readFileSync(manifest, "utf8")) as { version: string }).version;
}
