import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusals } from "../../src/http/auth-refusals.js";
import { parseKeySet } from "../../src/http/verification-keys.js";
import {
  ask,
  createSigner,
  goodClaims,
  refusalOf,
  type Signer,
  setUp,
  signByHand,
  start,
  toJwks,
} from "./authentication-fixtures.js";

const unknown = { code: "UNAUTHENTICATED", reason: refusals.keyUnknown };
const algorithms = ["EdDSA", "ES256", "RS256"] as const;

let folder: string;
let signers: Record<(typeof algorithms)[number], Signer>;
let fileCount = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "pricelane-keys-"));
  const [ed, es, rs] = await Promise.all(algorithms.map((algorithm) => createSigner(algorithm, `${algorithm}-1`)));
  signers = { EdDSA: ed as Signer, ES256: es as Signer, RS256: rs as Signer };
});
afterAll(() => rmSync(folder, { recursive: true }));

function writeKeys(text: string): string {
  fileCount += 1;
  const path = join(folder, `jwks-${fileCount}.json`);
  writeFileSync(path, text);
  return path;
}

describe("public keys", () => {
  test.each(algorithms)("%s verifies a good token, and no token of another key under its kid", async (algorithm) => {
    const signer = signers[algorithm];
    const { authenticator } = setUp({ jwksFile: writeKeys(toJwks(...Object.values(signers))) });
    expect((await ask(authenticator, await signer.sign())).customer).toBe("C0001");
    const stranger = await createSigner(algorithm, signer.kid);
    const forged = refusalOf(ask(authenticator, await stranger.sign()));
    expect(await forged).toEqual({ code: "UNAUTHENTICATED", reason: refusals.signature });
  });

  test.each(algorithms)("%s tokens obey exp, aud and kid like any other", async (algorithm) => {
    const { sign } = signers[algorithm];
    const { authenticator } = setUp({ jwksFile: writeKeys(toJwks(...Object.values(signers))) });
    const reasons = [
      await refusalOf(ask(authenticator, await sign({ ...goodClaims, exp: start - 30 }))),
      await refusalOf(ask(authenticator, await sign({ ...goodClaims, aud: "other" }))),
      await refusalOf(ask(authenticator, await sign(goodClaims, {}))),
    ];
    expect(reasons).toEqual(
      [refusals.expired, refusals.audience, refusals.kidMissing].map((reason) => ({ code: "UNAUTHENTICATED", reason })),
    );
  });

  test("a public key is never taken for an HMAC secret, in any of its spellings", async () => {
    const { publicJwk, kid } = signers.RS256;
    const { authenticator } = setUp({ jwksFile: writeKeys(toJwks(signers.RS256)) });
    const key = createPublicKey({ key: publicJwk as Record<string, unknown>, format: "jwk" });
    const spellings = [
      key.export({ type: "spki", format: "pem" }),
      key.export({ type: "pkcs1", format: "pem" }),
      key.export({ type: "spki", format: "der" }),
      JSON.stringify(publicJwk),
      publicJwk.n ?? "",
      Buffer.from(publicJwk.n ?? "", "base64url"),
    ];
    for (const spelling of spellings) {
      const forged = signByHand(goodClaims, { alg: "HS256", kid }, spelling);
      expect(await refusalOf(ask(authenticator, forged))).toEqual(unknown);
      const disguised = signByHand(goodClaims, { alg: "RS256", kid }, spelling);
      expect(await refusalOf(ask(authenticator, disguised))).toMatchObject({ code: "UNAUTHENTICATED" });
    }
  });

  test("the secret of a kid verifies no asymmetric algorithm, and a key of one algorithm no other", async () => {
    const { authenticator } = setUp({ jwksFile: writeKeys(toJwks(...Object.values(signers))) });
    for (const signer of Object.values(signers)) {
      for (const kid of ["shop-1", ...Object.values(signers).map((other) => other.kid)]) {
        if (kid === signer.kid) continue;
        expect(await refusalOf(ask(authenticator, await signer.sign(goodClaims, { kid })))).toEqual(unknown);
      }
    }
  });

  test("a key inside the token's header is ignored", async () => {
    const { publicJwk, sign } = await createSigner("ES256", "ES256-1");
    const { authenticator } = setUp({ jwksFile: writeKeys(toJwks(signers.ES256)) });
    const header = { kid: "ES256-1", jwk: publicJwk, jku: "https://evil.example/jwks" };
    const refusal = await refusalOf(ask(authenticator, await sign(goodClaims, header)));
    expect(refusal).toEqual({ code: "UNAUTHENTICATED", reason: refusals.signature });
  });
});

describe("a JWKS", () => {
  const keysOf = (...jwks: unknown[]) => parseKeySet(JSON.stringify({ keys: jwks }));

  test("with a shared secret in it is refused whole", () => {
    const oct = { kty: "oct", kid: "s", k: "c2VjcmV0" };
    expect(() => keysOf(signers.ES256.publicJwk, oct)).toThrow(/key 2 is a shared secret.*AUTH_SECRETS/);
    expect(() => keysOf({ ...oct, use: "enc" })).toThrow(/shared secret/);
    expect(() => keysOf(signers.ES256.publicJwk, { kty: "oct", kid: "s" })).toThrow(/shared secret/);
    expect(() => keysOf({ ...signers.ES256.publicJwk, k: "c2VjcmV0" })).toThrow(/shared secret/);
  });

  test("with a private key in it is refused whole, and the key is not repeated", () => {
    const { privateJwk } = signers.EdDSA;
    expect(() => keysOf(privateJwk)).toThrow(/key 1 is a private key/);
    expect(() => keysOf(privateJwk)).not.toThrow(privateJwk.d);
  });

  test.each([
    ["no JSON", "{", /not JSON/],
    ["a list", "[]", /no JWKS/],
    ["null", "null", /no JWKS/],
    ["keys that are no list", '{"keys": {}}', /no JWKS/],
    ["a key that is no object", '{"keys": ["RSA"]}', /no JWKS/],
    ["no key at all", '{"keys": []}', /no public key/],
  ])("that is %s is refused", (_, text, complaint) => {
    expect(() => parseKeySet(text)).toThrow(complaint);
  });

  test("passes over keys for other uses and algorithms without a complaint", () => {
    const { publicJwk: rsa } = signers.RS256;
    const { publicJwk: ec } = signers.ES256;
    const { keys, complaints } = keysOf(
      { ...rsa, kid: "enc", use: "enc" },
      { ...rsa, kid: "oaep", alg: "RSA-OAEP" },
      { ...rsa, kid: "ps", alg: "PS256" },
      { ...ec, kid: "sign-only", key_ops: ["sign"] },
      { ...ec, kid: "p384", crv: "P-384" },
      { ...generateKeyPairSync("ed448").publicKey.export({ format: "jwk" }), kid: "ed448" },
      { ...generateKeyPairSync("x25519").publicKey.export({ format: "jwk" }), kid: "x25519" },
      { kty: "new", kid: "n" },
      { ...rsa, use: "sig", alg: "RS256", key_ops: ["verify"] },
      { ...signers.EdDSA.publicJwk, alg: "Ed25519" },
    );
    expect([...keys].map(([kid, { algorithm }]) => [kid, algorithm])).toEqual([
      ["RS256-1", "RS256"],
      ["EdDSA-1", "EdDSA"],
    ]);
    expect(complaints).toEqual([]);
  });

  test("loses broken keys alone, and names each", () => {
    const short = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });
    const { publicJwk } = signers.ES256;
    const { keys, complaints } = keysOf(
      { ...publicJwk, kid: undefined },
      { ...publicJwk, kid: "off-curve", x: publicJwk.y },
      { ...short, kid: "short" },
      publicJwk,
      publicJwk,
    );
    expect([...keys.keys()]).toEqual(["ES256-1"]);
    expect(complaints).toEqual([
      "key 1 has no kid",
      'key 2, kid "off-curve", is broken or too short',
      'key 3, kid "short", is broken or too short',
      'key 5 repeats the kid "ES256-1"',
    ]);
    expect(() => keysOf({ ...short, kid: "short" })).toThrow(/no public key.*"short", is broken or too short/);
  });
});

describe("AUTH_JWKS_FILE", () => {
  test.each([
    ["missing", () => join(folder, "nowhere.json"), /AUTH_JWKS_FILE .*nowhere\.json cannot be used.*ENOENT/],
    ["no JSON", () => writeKeys("-----BEGIN PUBLIC KEY-----"), /AUTH_JWKS_FILE .*cannot be used: it is not JSON/],
    ["without a usable key", () => writeKeys('{"keys":[]}'), /cannot be used: it holds no public key/],
    ["too large", () => writeKeys(" ".repeat(262_145)), /cannot be used: it is larger than 262144 bytes/],
  ])("a file that is %s stops the start", (_, path, complaint) => {
    expect(() => setUp({ jwksFile: path() })).toThrow(complaint);
  });

  test("a broken key beside a good one starts, with a warning that names it", async () => {
    const keys = [signers.ES256.publicJwk, { ...signers.RS256.publicJwk, kid: undefined }];
    const { log } = setUp({ jwksFile: writeKeys(JSON.stringify({ keys })) });
    expect(log.lines).toMatchObject([{ level: "warn", details: { complaints: ["key 2 has no kid"] } }]);
  });

  test("a key that was added is known, and one that was withdrawn is not, 2 s after the file changed", async () => {
    const [old, next] = [await createSigner("EdDSA", "old"), await createSigner("EdDSA", "next")];
    const jwksFile = writeKeys(toJwks(old));
    const { authenticator, clock } = setUp({ jwksFile });
    const outcomes = async () => [
      await refusalOf(ask(authenticator, await old.sign())),
      await refusalOf(ask(authenticator, await next.sign())),
    ];
    expect(await outcomes()).toEqual(["accepted", unknown]);

    writeFileSync(jwksFile, toJwks(old, next));
    clock.pass(1_999);
    expect(await outcomes()).toEqual(["accepted", unknown]);
    clock.pass(1);
    expect(await outcomes()).toEqual(["accepted", "accepted"]);

    writeFileSync(`${jwksFile}.new`, toJwks(next));
    renameSync(`${jwksFile}.new`, jwksFile);
    clock.pass(2_000);
    expect(await outcomes()).toEqual([unknown, "accepted"]);
  });

  test("after a long quiet time a withdrawn key is not accepted even once", async () => {
    const [old, next] = [await createSigner("ES256", "old"), await createSigner("ES256", "next")];
    const jwksFile = writeKeys(toJwks(old));
    const { authenticator, clock } = setUp({ jwksFile });
    writeFileSync(jwksFile, toJwks(next));
    clock.pass(30 * 24 * 3_600_000);
    const token = await old.sign({ ...goodClaims, exp: clock.now() / 1000 + 60 });
    const together = [1, 2, 3].map(() => refusalOf(ask(authenticator, token)));
    expect(await Promise.all(together)).toEqual([unknown, unknown, unknown]);
  });

  test("a file gone bad leaves the old keys in use, is logged once, and is read again once mended", async () => {
    const [old, next] = [await createSigner("EdDSA", "old"), await createSigner("EdDSA", "next")];
    const jwksFile = writeKeys(toJwks(old));
    const { authenticator, clock, log } = setUp({ jwksFile });
    const steps: [string, () => void][] = [
      ["not JSON", () => writeFileSync(jwksFile, "{")],
      ["ENOENT", () => rmSync(jwksFile)],
    ];
    for (const [complaint, spoil] of steps) {
      log.lines.length = 0;
      spoil();
      for (let check = 0; check < 3; check += 1) {
        clock.pass(2_000);
        expect(await refusalOf(ask(authenticator, await old.sign()))).toBe("accepted");
      }
      expect(log.lines).toMatchObject([{ level: "error", details: { reason: expect.stringContaining(complaint) } }]);
    }
    writeFileSync(jwksFile, toJwks(next));
    clock.pass(2_000);
    expect(await refusalOf(ask(authenticator, await next.sign()))).toBe("accepted");
    expect(await refusalOf(ask(authenticator, await old.sign()))).toEqual(unknown);
  });

  test("a clock that was set back does not stop the checks", async () => {
    const [old, next] = [await createSigner("EdDSA", "old"), await createSigner("EdDSA", "next")];
    const jwksFile = writeKeys(toJwks(old));
    const { authenticator, clock } = setUp({ jwksFile });
    writeFileSync(jwksFile, toJwks(next));
    clock.pass(-3_600_000);
    expect(await refusalOf(ask(authenticator, await next.sign()))).toBe("accepted");
  });
});
