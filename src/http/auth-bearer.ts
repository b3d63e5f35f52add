import { refuse } from "./auth-refusals.js";

/** The longest token that is looked at. A signature by an RSA key of 4096 bits takes 683 characters of it. */
const maxTokenLength = 8192;

const bearer = /^bearer +(\S+)$/i;
const compactJws = /^[\w-]+\.[\w-]+\.([\w-]+)$/;

/**
 * Takes the token out of an Authorization header.
 * @throws {Unauthenticated} for anything but the scheme Bearer and one token in the shape of a signed JWT
 */
export function parseBearer(authorization: string): string {
  const token = bearer.exec(authorization)?.[1];
  // A comma is where HTTP joins two headers of one name.
  if (token === undefined || token.includes(",")) throw refuse("header");
  if (token.length > maxTokenLength) throw refuse("malformed");
  const signature = compactJws.exec(token)?.[1];
  if (signature === undefined || !isCanonical(signature)) throw refuse("malformed");
  return token;
}

/**
 * The last character of base64url may hold bits that nobody reads, so one signature has several spellings. Only the
 * first is taken: a token then has one text, and what is remembered of a token can be found by its text.
 */
function isCanonical(base64url: string): boolean {
  return Buffer.from(base64url, "base64url").toString("base64url") === base64url;
}
