import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

/** A file that the page loads, and where the build takes it from: a package, or our own folder `client`. */
export interface AssetSource {
  readonly name: string;
  readonly type: string;
  /** Null for our own. */
  readonly package: string | null;
  readonly path: string;
}

const script = "text/javascript; charset=utf-8";
const style = "text/css; charset=utf-8";

export const assetSources = [
  { name: "react.js", type: script, package: "react", path: "umd/react.production.min.js" },
  { name: "react-dom.js", type: script, package: "react-dom", path: "umd/react-dom.production.min.js" },
  { name: "graphiql.js", type: script, package: "graphiql", path: "graphiql.min.js" },
  { name: "graphiql.css", type: style, package: "graphiql", path: "graphiql.min.css" },
  { name: "page.js", type: script, package: null, path: "client/page.js" },
  { name: "page.css", type: style, package: null, path: "client/page.css" },
  { name: "icon.svg", type: "image/svg+xml", package: null, path: "client/icon.svg" },
] as const satisfies readonly AssetSource[];

export type AssetName = (typeof assetSources)[number]["name"];

export interface Asset {
  readonly type: string;
  /** The path below the page's own, with the content's hash in it: what it names never changes. */
  readonly path: string;
  readonly body: Buffer;
  /** Made at the first question for it. */
  gzipped(): Buffer;
}

/** @throws {Error} where the build has not put the files beside this module, and their sources are not there either */
export function readPageAssets(): Readonly<Record<AssetName, Asset>> {
  const assets = assetSources.map((source) => [source.name, toAsset(source, readBuilt(source))] as const);
  return Object.fromEntries(assets) as Record<AssetName, Asset>;
}

function toAsset({ name, type }: AssetSource, body: Buffer): Asset {
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  let gzipped: Buffer | null = null;
  return {
    type,
    path: `${hash}/${name}`,
    body,
    gzipped() {
      gzipped ??= gzipSync(body);
      return gzipped;
    },
  };
}

const here = dirname(fileURLToPath(import.meta.url));

function readBuilt(source: AssetSource): Buffer {
  const built = join(here, "assets", source.name);
  try {
    // Run from its sources, as tests do, there is no build to read.
    return existsSync(built) ? readFileSync(built) : readAssetSource(source, here);
  } catch (cause) {
    throw new Error(`the landing page's file ${built} is missing: run "npm run build"`, { cause });
  }
}

/** @param own the folder of our own sources that holds `client` */
export function readAssetSource({ package: from, path }: AssetSource, own: string): Buffer {
  const text = readFileSync(join(from === null ? own : packageFolder(from), path), "utf8");
  // The maps are not served; a browser's tools would ask for them.
  return Buffer.from(text.replace(/^\/[/*]# sourceMappingURL=.*$/gm, ""));
}

function packageFolder(name: string): string {
  return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
}
