import { createPrivateKey, createPublicKey, generateKeyPairSync, type JsonWebKey, type KeyObject } from "node:crypto";
import { calculateJwkThumbprint } from "jose";

/** The public half of a key, as it is handed out. */
export interface PublicQuoteJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}

export interface QuoteKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  /** Null where the public half alone is known. */
  readonly privateKey: KeyObject | null;
  readonly publicJwk: PublicQuoteJwk;
}

/** What verifies quotes, by kid. */
export type VerifyingQuoteKeys = ReadonlyMap<string, KeyObject>;

export interface QuoteKeys {
  readonly signing: { readonly kid: string; readonly privateKey: KeyObject };
  readonly verifying: VerifyingQuoteKeys;
  /** For `/.well-known/jwks.json`: the key that signs first. */
  readonly jwks: { readonly keys: readonly PublicQuoteJwk[] };
}

/** 32 bytes in base64url. */
const halfOfKey = /^[\w-]{43}$/;
const longestKid = 200;

/**
 * Reads one JWK.
 * @throws {Error} whose message goes on after "the key" and names the mend, never anything of the key itself
 */
export async function parseQuoteKey(jwk: unknown): Promise<QuoteKey> {
  const { kty, crv, x, d, alg, use, kid } = toRecord(jwk);
  if (kty !== "OKP" || crv !== "Ed25519")
    throw new Error('must be an Ed25519 key, with "kty": "OKP" and "crv": "Ed25519"');
  if (alg !== undefined && alg !== "EdDSA" && alg !== "Ed25519") throw new Error('is for another "alg" than EdDSA');
  if (use !== undefined && use !== "sig") throw new Error('is for another "use" than "sig"');
  if (kid !== undefined && !isKid(kid)) throw new Error(`has a "kid" that is no text of 1 to ${longestKid} characters`);
  const halves = toHalves(x, d);
  const known = halves.publicKey.export({ format: "jwk" }).x ?? "";
  const named = kid ?? (await calculateJwkThumbprint({ kty, crv, x: known }));
  return { ...halves, kid: named, publicJwk: { kty, crv, x: known, kid: named, alg: "EdDSA", use: "sig" } };
}

/** Whether it is a key of another kind (RSA, P-256, X25519), which signs no quotes and is none of our business. */
export function isOfOtherKind(jwk: unknown): boolean {
  if (typeof jwk !== "object" || jwk === null || !("kty" in jwk) || typeof jwk.kty !== "string") return false;
  return jwk.kty !== "OKP" || ("crv" in jwk && typeof jwk.crv === "string" && jwk.crv !== "Ed25519");
}

function toHalves(x: unknown, d: unknown): Pick<QuoteKey, "publicKey" | "privateKey"> {
  if (typeof x !== "string" || !halfOfKey.test(x))
    throw new Error('must have a public half "x" of 32 bytes in base64url');
  const publicKey = importHalf(createPublicKey, { kty: "OKP", crv: "Ed25519", x });
  if (d === undefined) return { publicKey, privateKey: null };
  if (typeof d !== "string" || !halfOfKey.test(d))
    throw new Error('must have a private half "d" of 32 bytes in base64url');
  const privateKey = importHalf(createPrivateKey, { kty: "OKP", crv: "Ed25519", x, d });
  // Else quotes would be signed by one key and verified, here and in shops, by another.
  if (!createPublicKey(privateKey).equals(publicKey))
    throw new Error('has halves "x" and "d" that belong to different keys');
  return { publicKey, privateKey };
}

function importHalf(create: (input: { key: JsonWebKey; format: "jwk" }) => KeyObject, key: JsonWebKey): KeyObject {
  try {
    return create({ key, format: "jwk" });
  } catch {
    throw new Error("is broken: make a new one with `pricelane quote key`");
  }
}

/** @throws {Error} when two different keys share a kid, or the signing key has no private half */
export function toQuoteKeys(signing: QuoteKey, others: readonly QuoteKey[]): QuoteKeys {
  if (signing.privateKey === null) throw new Error("the key that signs must have its private half");
  const all = [signing, ...others];
  const byKid = toKeysByKid(all);
  return {
    signing: { kid: signing.kid, privateKey: signing.privateKey },
    verifying: toVerifyingKeys(all),
    jwks: { keys: [...byKid.values()].map(({ publicJwk }) => publicJwk) },
  };
}

/** @throws {Error} when two different keys share a kid */
export function toVerifyingKeys(keys: readonly QuoteKey[]): VerifyingQuoteKeys {
  return new Map([...toKeysByKid(keys)].map(([kid, { publicKey }]) => [kid, publicKey]));
}

/** One key may stand twice, as when a key is told beforehand and then signs. @throws {Error} when two share a kid */
function toKeysByKid(keys: readonly QuoteKey[]): ReadonlyMap<string, QuoteKey> {
  const byKid = new Map<string, QuoteKey>();
  for (const key of keys) {
    const known = byKid.get(key.kid);
    if (known !== undefined && !known.publicKey.equals(key.publicKey)) {
      throw new Error(`two different keys have the kid ${JSON.stringify(key.kid)}: give each its own, or none`);
    }
    if (known === undefined) byKid.set(key.kid, key);
  }
  return byKid;
}

/** A new private JWK, named by its thumbprint (RFC 7638) unless a kid is given. */
export async function generateQuoteJwk(kid?: string): Promise<PublicQuoteJwk & { readonly d: string }> {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { d = "", x = "" } = privateKey.export({ format: "jwk" });
  const parts = { kty: "OKP", crv: "Ed25519", x } as const;
  return { ...parts, d, kid: kid ?? (await calculateJwkThumbprint(parts)), alg: "EdDSA", use: "sig" };
}

export function isKid(kid: unknown): kid is string {
  return typeof kid === "string" && kid.trim() !== "" && kid.length <= longestKid && !/[\p{Cc}\p{Cs}]/u.test(kid);
}

function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("must be an object");
  return value as Readonly<Record<string, unknown>>;
}
