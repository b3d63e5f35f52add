import { type Asset, type AssetName, readPageAssets } from "./page-assets.js";
import { type PageToken, renderPage } from "./page-html.js";

export interface LandingPageOptions {
  /** Who one can ask as, in the order shown; the first is chosen to begin with. */
  readonly tokens: readonly PageToken[];
  readonly exampleQuery: string;
  /** The path of GraphQL; `/graphql` where absent. */
  readonly endpoint?: string;
}

export interface PageResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** The page at `/`, with GraphiQL, for trying the gateway out. It carries tokens: never to be served in production. */
export interface LandingPage {
  /** @param path without its query */
  handles(path: string): boolean;
  /**
   * Answers a GET or HEAD.
   * @param path without its query
   * @returns null where there is no such file
   */
  respond(path: string, headers: RequestHeaders): PageResponse | null;
}

const folder = "/page/";

/** @throws {Error} where the page's files are not there to be read */
export function createLandingPage({ tokens, exampleQuery, endpoint = "/graphql" }: LandingPageOptions): LandingPage {
  const assets = readPageAssets();
  const byPath = new Map(Object.values(assets).map((asset) => [folder + asset.path, asset]));
  const html = renderPage({ endpoint, tokens, exampleQuery }, (name: AssetName) => folder + assets[name].path);
  const page: PageResponse = { status: 200, headers: pageHeaders, body: html };
  return {
    handles: (path) => path === "/" || path.startsWith(folder),
    respond(path, headers) {
      if (path === "/") return page;
      const asset = byPath.get(path);
      return asset === undefined ? null : respondWithAsset(asset, headers);
    },
  };
}

// Styles alone may be inline: GraphiQL's dialogs put a style element into the page, and no style can send anything anywhere
// where images and fonts come from here only.
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const commonHeaders = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

const pageHeaders = {
  ...commonHeaders,
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  // It names the assets of this build and carries tokens of this run.
  "cache-control": "no-store",
};

function respondWithAsset(asset: Asset, headers: RequestHeaders): PageResponse {
  // Weak, since the same content goes out compressed and plain.
  const etag = `W/"${asset.path}"`;
  const caching = { etag, "cache-control": "public, max-age=31536000, immutable", vary: "accept-encoding" };
  if (listed(headers["if-none-match"]).includes(etag)) {
    return { status: 304, headers: { ...commonHeaders, ...caching }, body: "" };
  }
  const zip = listed(headers["accept-encoding"]).includes("gzip");
  const encoding: Record<string, string> = zip ? { "content-encoding": "gzip" } : {};
  return {
    status: 200,
    headers: { ...commonHeaders, ...caching, ...encoding, "content-type": asset.type },
    body: zip ? asset.gzipped() : asset.body,
  };
}

function listed(header: string | string[] | undefined): string[] {
  return String(header ?? "")
    .split(",")
    .map((item) => item.trim());
}
