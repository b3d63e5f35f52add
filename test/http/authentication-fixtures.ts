import { createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { Clock } from "../../src/clock.js";
import { GatewayError } from "../../src/errors.js";
import { type Authenticator, type AuthenticatorOptions, createAuthenticator } from "../../src/http/authentication.js";
import type { Caller } from "../../src/pricing/caller.js";

/** 2026-03-01T12:00:00Z, in seconds. */
export const start = 1_772_366_400;

export interface TurnedClock extends Clock {
  /** Moves the time on, and runs what has fallen due. */
  pass(ms: number): void;
}

export function createTurnedClock(): TurnedClock {
  let now = start * 1000;
  const timers = new Set<{ at: number; run: () => void }>();
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms) {
      now += ms;
      for (const timer of timers) {
        if (timer.at > now) continue;
        timers.delete(timer);
        timer.run();
      }
    },
  };
}

export interface Logged {
  readonly level: "warn" | "error";
  readonly details: object;
  readonly message: string;
}

export function createMemoryLog() {
  const lines: Logged[] = [];
  return {
    lines,
    warn: (details: object, message: string) => void lines.push({ level: "warn", details, message }),
    error: (details: object, message: string) => void lines.push({ level: "error", details, message }),
  };
}

export const secret = Buffer.from("a secret of the test shop, long enough");

/** The claims of a token that a shop sends for a logged-in buyer. */
export const goodClaims = { aud: "pricelane", sub: "C0001", scope: "storefront", exp: start + 300 };
export const goodHeader = { alg: "HS256", typ: "JWT", kid: "shop-1" };

export function setUp(changes: Partial<AuthenticatorOptions> = {}) {
  const clock = createTurnedClock();
  const log = createMemoryLog();
  const authenticator = createAuthenticator({
    secrets: [{ kid: "shop-1", secret }],
    jwksFile: null,
    jwksUrl: null,
    audience: "pricelane",
    company: null,
    clock,
    log,
    ...changes,
  });
  return { clock, log, authenticator };
}

/** Signs by hand, so that a test can write headers and claims that no library would. */
export function signByHand(claims: unknown, header: unknown = goodHeader, key: string | Uint8Array = secret): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

export type Algorithm = "EdDSA" | "ES256" | "RS256";

export interface Signer {
  readonly kid: string;
  readonly publicJwk: JWK;
  readonly privateJwk: JWK;
  sign(claims?: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
}

export async function createSigner(alg: Algorithm, kid: string): Promise<Signer> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  const publicJwk = { ...(await exportJWK(publicKey)), kid };
  const privateJwk = { ...(await exportJWK(privateKey)), kid };
  return {
    kid,
    publicJwk,
    privateJwk,
    sign: (claims = goodClaims, header = { kid }) =>
      new SignJWT(claims).setProtectedHeader({ alg, ...header }).sign(privateKey),
  };
}

export function toJwks(...signers: readonly Signer[]): string {
  return JSON.stringify({ keys: signers.map(({ publicJwk }) => publicJwk) });
}

export function ask(authenticator: Authenticator, token: string): Promise<Caller> {
  return authenticator.authenticate(`Bearer ${token}`);
}

/** The code and words of the refusal; "accepted" where there was none. Errors that nobody foresaw are thrown on. */
export async function refusalOf(answer: Promise<Caller>): Promise<{ code: string; reason: string } | "accepted"> {
  try {
    await answer;
    return "accepted";
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { code: error.code, reason: error.clientMessage };
  }
}
