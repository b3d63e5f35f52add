import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { createLandingPage, type LandingPage } from "../../../src/http/page/landing-page.js";
import { assetSources } from "../../../src/http/page/page-assets.js";

const tokens = [
  { label: "Anonymous", token: null, about: "Sees public prices." },
  { label: "</script><!--", token: "abc.def", about: "& <b>" },
];
const exampleQuery = "{ viewer { audience } }";

function createPage(): LandingPage {
  return createLandingPage({ tokens, exampleQuery });
}

function htmlOf(page: LandingPage): string {
  return String(page.respond("/", {})?.body);
}

/** The paths of all files that the page names. */
function assetPaths(page: LandingPage): string[] {
  return [...new Set([...htmlOf(page).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path]) => path!))];
}

describe("the page", () => {
  test("is answered at / alone, and is kept by no cache, since it carries tokens", () => {
    const page = createPage();
    expect(page.respond("/", {})).toMatchObject({
      status: 200,
      headers: { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" },
    });
    expect(page.handles("/")).toBe(true);
    for (const path of ["/graphql", "/healthz", "/page", "/index.html", ""]) expect(page.handles(path)).toBe(false);
  });

  test("allows no script but files of its own origin, no frame, no sniffing and no referrer", () => {
    const headers = createPage().respond("/", {})!.headers;
    const policy = headers["content-security-policy"]!.split("; ");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("connect-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.filter((rule) => rule.includes("unsafe"))).toEqual(["style-src 'self' 'unsafe-inline'"]);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
  });

  test("names no address but paths of its own", () => {
    const page = createPage();
    expect(assetPaths(page)).toHaveLength(assetSources.length);
    for (const path of assetPaths(page)) expect(path).toMatch(/^\/page\/[0-9a-f]{16}\/[a-z-]+\.(js|css|svg)$/);
  });

  test("carries tokens and query as data that no label can break out of", () => {
    const [, data] = htmlOf(createPage()).match(/<script type="application\/json" id="data">(.*?)<\/script>/s)!;
    expect(data).not.toContain("<");
    expect(JSON.parse(data!)).toEqual({ endpoint: "/graphql", tokens, exampleQuery });
  });
});

describe("a file of the page", () => {
  test("is answered, whichever it is, and may be kept for ever under its own path", () => {
    const page = createPage();
    for (const path of assetPaths(page)) {
      expect(page.handles(path)).toBe(true);
      const response = page.respond(path, {});
      expect(response).toMatchObject({ status: 200, headers: { "x-content-type-options": "nosniff" } });
      expect(response?.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(response?.headers["content-type"]).toMatch(/^(text\/javascript|text\/css|image\/svg\+xml)/);
      expect(response?.body.length).toBeGreaterThan(100);
    }
  });

  test("is not sent again to one who has it", () => {
    const page = createPage();
    const path = assetPaths(page).find((each) => each.endsWith("graphiql.js"))!;
    const etag = page.respond(path, {})!.headers["etag"]!;
    const again = page.respond(path, { "if-none-match": `"other", ${etag}` });
    expect(again).toMatchObject({ status: 304, body: "", headers: { etag } });
    expect(page.respond(path, { "if-none-match": '"other"' })?.status).toBe(200);
  });

  test("goes out compressed to one who takes that, with the same content", () => {
    const page = createPage();
    const path = assetPaths(page).find((each) => each.endsWith("graphiql.js"))!;
    const plain = page.respond(path, {})!;
    const zipped = page.respond(path, { "accept-encoding": "br, gzip" })!;
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(zipped.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(zipped.body.length).toBeLessThan(plain.body.length / 2);
    expect(gunzipSync(zipped.body).equals(Buffer.from(plain.body))).toBe(true);
  });

  test.each(["/page/", "/page/../landing-page.ts", "/page/0000000000000000/page.js", "/page/constructor"])(
    "that does not exist is null: %s",
    (path) => {
      expect(createPage().respond(path, {})).toBeNull();
    },
  );
});
