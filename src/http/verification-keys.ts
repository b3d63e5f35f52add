import { createPublicKey, createSecretKey, type JsonWebKey, type KeyObject } from "node:crypto";

export type PublicAlgorithm = "EdDSA" | "ES256" | "RS256";

/** A public key and the one algorithm it verifies. */
export interface VerificationKey {
  readonly algorithm: PublicAlgorithm;
  readonly key: KeyObject;
}

export type PublicKeySet = ReadonlyMap<string, VerificationKey>;

export type KeyLookup =
  | { readonly kind: "found"; readonly key: VerificationKey }
  | { readonly kind: "unknown" }
  /** The keys cannot be read now, so nobody can tell whether this one exists. */
  | { readonly kind: "unreadable" };

/** A place that public keys come from. It never throws: trouble is logged, and told as a lookup. */
export interface PublicKeys {
  find(kid: string): Promise<KeyLookup>;
}

/** Where trouble with keys is told. A pino logger has this shape. */
export interface AuthLog {
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** The largest JWKS that is read: over a hundred RSA keys with their certificates. */
export const maxKeySetBytes = 256 * 1024;

/** HS256 wants a key as long as its hash (RFC 7518, 3.2). */
const minSecretBytes = 32;

export interface NamedSecret {
  readonly kid: string;
  readonly secret: Uint8Array;
}

/** @throws {Error} naming the kid, never the secret, when a key is too short or a kid is empty or used twice */
export function toSecretKeys(secrets: readonly NamedSecret[]): ReadonlyMap<string, KeyObject> {
  const keys = new Map<string, KeyObject>();
  for (const { kid, secret } of secrets) {
    if (kid === "") throw new Error("AUTH_SECRETS has a key with an empty kid: write each as kid:secret");
    if (keys.has(kid)) throw new Error(`AUTH_SECRETS has the kid ${JSON.stringify(kid)} twice: give each its own`);
    if (secret.byteLength < minSecretBytes) {
      const found = `the secret ${JSON.stringify(kid)} of AUTH_SECRETS has ${secret.byteLength} bytes`;
      throw new Error(`${found}: make it at least ${minSecretBytes}`);
    }
    keys.set(kid, createSecretKey(secret));
  }
  return keys;
}

/** The keys of a JWKS that verify tokens, and what is wrong with those that should and cannot. */
export interface ParsedKeySet {
  readonly keys: PublicKeySet;
  readonly complaints: readonly string[];
}

/**
 * Reads a JWKS. Keys for other uses or algorithms are passed over, as providers publish them side by side; a broken
 * key costs only itself.
 * @throws {Error} when the text is no JWKS, when nothing in it can verify, or when it holds a secret or private key,
 * which must never stand where public keys are handed out
 */
export function parseKeySet(text: string): ParsedKeySet {
  const keys = new Map<string, VerificationKey>();
  const complaints: string[] = [];
  for (const [index, jwk] of parseJwks(text).entries()) {
    const name = `key ${index + 1}`;
    refuseSecrets(jwk, name);
    const algorithm = algorithmOf(jwk);
    if (algorithm === null) continue;
    const { kid } = jwk;
    if (typeof kid !== "string" || kid === "") complaints.push(`${name} has no kid`);
    else if (keys.has(kid)) complaints.push(`${name} repeats the kid ${JSON.stringify(kid)}`);
    else {
      const key = toPublicKey(jwk, algorithm);
      if (key === null) complaints.push(`${name}, kid ${JSON.stringify(kid)}, is broken or too short`);
      else keys.set(kid, { algorithm, key });
    }
  }
  if (keys.size > 0) return { keys, complaints };
  throw new Error(["it holds no public key for EdDSA, ES256 or RS256", ...complaints].join("; "));
}

type UntrustedJwk = Readonly<Record<string, unknown>>;

function parseJwks(text: string): UntrustedJwk[] {
  let set: unknown;
  try {
    set = JSON.parse(text);
  } catch {
    throw new Error("it is not JSON");
  }
  const keys = isRecord(set) ? set["keys"] : undefined;
  if (!Array.isArray(keys) || !keys.every(isRecord)) throw new Error('it is no JWKS: expected {"keys": [{…}, …]}');
  return keys;
}

function isRecord(value: unknown): value is UntrustedJwk {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refuseSecrets(jwk: UntrustedJwk, name: string): void {
  if (jwk["kty"] === "oct" || jwk["k"] !== undefined) {
    throw new Error(`${name} is a shared secret: put it into AUTH_SECRETS, a JWKS holds public keys alone`);
  }
  if (jwk["d"] !== undefined)
    throw new Error(`${name} is a private key: publish its public half alone, and replace it`);
}

/** The one algorithm that a key is for; null where it is not ours to use. */
function algorithmOf({ kty, crv, alg, use, key_ops: operations }: UntrustedJwk): PublicAlgorithm | null {
  if (use !== undefined && use !== "sig") return null;
  if (Array.isArray(operations) && !operations.includes("verify")) return null;
  if (kty === "RSA" && isOneOf(alg, "RS256")) return "RS256";
  if (kty === "EC" && crv === "P-256" && isOneOf(alg, "ES256")) return "ES256";
  // RFC 9864 calls EdDSA on this curve Ed25519.
  if (kty === "OKP" && crv === "Ed25519" && isOneOf(alg, "EdDSA", "Ed25519")) return "EdDSA";
  return null;
}

function isOneOf(alg: unknown, ...names: string[]): boolean {
  return alg === undefined || (typeof alg === "string" && names.includes(alg));
}

function toPublicKey(jwk: UntrustedJwk, algorithm: PublicAlgorithm): KeyObject | null {
  try {
    const key = createPublicKey({ key: jwk as JsonWebKey, format: "jwk" });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    return algorithm === "RS256" && bits < 2048 ? null : key;
  } catch {
    return null;
  }
}
