import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";

/** How long, in seconds, others may keep the keys. So long before it signs a new key must be published. */
const maxAgeSeconds = 300;

/** `/.well-known/jwks.json`: the public keys that verify quotes. Anybody may read them, from any page. */
export function createQuoteKeysRoute(jwks: object): (request: IncomingMessage, response: ServerResponse) => void {
  const body = JSON.stringify(jwks);
  const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
  const open = { "access-control-allow-origin": "*", "x-content-type-options": "nosniff" };
  const caching = { ...open, "cache-control": `public, max-age=${maxAgeSeconds}`, etag };
  return (request, response) => {
    const { method = "" } = request;
    if (method === "OPTIONS") {
      const preflight = {
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "If-None-Match",
      };
      response.writeHead(204, { ...open, ...preflight, "access-control-max-age": "600" }).end();
    } else if (method !== "GET" && method !== "HEAD") {
      response.writeHead(405, { ...open, allow: "GET, HEAD, OPTIONS", "cache-control": "no-store" }).end();
    } else if (isKnown(request.headers["if-none-match"], etag)) {
      response.writeHead(304, caching).end();
    } else {
      const described = { "content-type": "application/jwk-set+json", "content-length": Buffer.byteLength(body) };
      response.writeHead(200, { ...caching, ...described }).end(method === "HEAD" ? undefined : body);
    }
  };
}

/** A proxy that compresses makes the tag weak, hence the comparison without `W/`. */
function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
