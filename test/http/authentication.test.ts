import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { refusals } from "../../src/http/auth-refusals.js";
import { createTokenVerifier } from "../../src/http/auth-verifier.js";
import { toSecretKeys } from "../../src/http/verification-keys.js";
import { anonymous } from "../../src/pricing/caller.js";
import { ask, goodClaims, goodHeader, refusalOf, secret, setUp, signByHand, start } from "./authentication-fixtures.js";

function unauthenticated(reason: keyof typeof refusals) {
  return { code: "UNAUTHENTICATED", reason: refusals[reason] };
}

describe("the Authorization header", () => {
  test("a request without the header is anonymous, in the storefront lane", async () => {
    expect(await setUp().authenticator.authenticate(undefined)).toEqual(anonymous);
  });

  const token = signByHand(goodClaims);
  test.each([
    ["an empty header", ""],
    ["blanks", "   "],
    ["another scheme", `Basic ${token}`],
    ["a scheme without a token", "Bearer"],
    ["a scheme and blanks", "Bearer "],
    ["a token without its scheme", token],
    ["two tokens", `Bearer ${token} ${token}`],
    ["two headers joined by HTTP", `Bearer ${token}, Bearer ${token}`],
    ["two tokens joined by a comma", `Bearer ${token},${token}`],
  ])("%s is refused and never anonymous", async (_, header) => {
    expect(await refusalOf(setUp().authenticator.authenticate(header))).toEqual(unauthenticated("header"));
  });

  test.each([
    ["a word", "letmein"],
    ["two parts", "aaaa.bbbb"],
    ["four parts", `${token}.aaaa`],
    ["an empty signature", token.replace(/[^.]+$/, "")],
    ["characters outside base64url", token.replace(".", "+.")],
    ["parts that are no JSON", "aaaa.bbbb.cccc"],
    ["a header that is a list", signByHand(goodClaims, [])],
    ["claims that are a list", signByHand([])],
    ["claims that are no JSON", signByHand("nonsense")],
    ["a token past 8192 characters", signByHand({ ...goodClaims, padding: "x".repeat(7000) })],
    ["an unknown critical header", signByHand(goodClaims, { ...goodHeader, crit: ["exotic"], exotic: 1 })],
    ["an unencoded payload", signByHand(goodClaims, { ...goodHeader, crit: ["b64"], b64: false })],
  ])("%s is refused as malformed", async (_, garbage) => {
    expect(await refusalOf(ask(setUp().authenticator, garbage))).toEqual(unauthenticated("malformed"));
  });

  test("the scheme's letter case does not matter", async () => {
    expect(await refusalOf(setUp().authenticator.authenticate(`bEARER ${token}`))).toBe("accepted");
  });
});

describe("HS256", () => {
  test("a good token names the customer, the lane and the scopes", async () => {
    const token = signByHand({ ...goodClaims, scope: "checkout ops" });
    expect(await ask(setUp().authenticator, token)).toEqual({
      kind: "customer",
      customer: "C0001",
      lane: "checkout",
      scopes: new Set(["checkout", "ops"]),
      budgetId: null,
    });
  });

  test("each key verifies under its own kid alone, so that shops rotate one by one", async () => {
    const other = Buffer.from("another secret, of the second shop, also long");
    const secrets = [
      { kid: "shop-1", secret },
      { kid: "shop-2", secret: other },
    ];
    const { authenticator } = setUp({ secrets });
    const header = { ...goodHeader, kid: "shop-2" };
    expect(await refusalOf(ask(authenticator, signByHand(goodClaims, header, other)))).toBe("accepted");
    expect(await refusalOf(ask(authenticator, signByHand(goodClaims, header, secret)))).toEqual(
      unauthenticated("signature"),
    );
  });

  test("an unknown kid is refused", async () => {
    const token = signByHand(goodClaims, { ...goodHeader, kid: "shop-9" });
    expect(await refusalOf(ask(setUp().authenticator, token))).toEqual(unauthenticated("keyUnknown"));
  });

  test.each([undefined, "", 7, null])("a kid of %j is refused as missing", async (kid) => {
    const token = signByHand(goodClaims, { ...goodHeader, kid });
    expect(await refusalOf(ask(setUp().authenticator, token))).toEqual(unauthenticated("kidMissing"));
  });

  test("changed claims under the old signature are refused", async () => {
    const [header, , signature] = signByHand(goodClaims).split(".");
    const [, claims] = signByHand({ ...goodClaims, sub: "C0002" }).split(".");
    const forged = `${header}.${claims}.${signature}`;
    expect(await refusalOf(ask(setUp().authenticator, forged))).toEqual(unauthenticated("signature"));
  });

  test.each(["none", "None", "HS384", "HS512", "RS512", "PS256", 7])("alg %j is refused", async (alg) => {
    const token = signByHand(goodClaims, { ...goodHeader, alg });
    const { authenticator } = setUp();
    const reason = typeof alg === "string" ? "algorithm" : "malformed";
    expect(await refusalOf(ask(authenticator, token))).toEqual(unauthenticated(reason));
  });

  test("alg none with no signature is refused", async () => {
    const [header, claims] = signByHand(goodClaims, { ...goodHeader, alg: "none" }).split(".");
    expect(await refusalOf(ask(setUp().authenticator, `${header}.${claims}.`))).toEqual(unauthenticated("malformed"));
  });

  test("another spelling of the same signature is refused", async () => {
    const token = signByHand(goodClaims);
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const twin = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) ?? "") + 1];
    expect(Buffer.from(twin.split(".")[2] ?? "", "base64url")).toEqual(
      Buffer.from(token.split(".")[2] ?? "", "base64url"),
    );
    expect(await refusalOf(ask(setUp().authenticator, twin))).toEqual(unauthenticated("malformed"));
  });

  test("with no key at all every token is refused, and told why", async () => {
    const { authenticator } = setUp({ secrets: [] });
    expect(await refusalOf(ask(authenticator, signByHand(goodClaims)))).toEqual(unauthenticated("noKeys"));
    expect(await authenticator.authenticate(undefined)).toEqual(anonymous);
  });

  test.each([
    ["a short secret", [{ kid: "a", secret: Buffer.alloc(31, "x") }], /"a".*31 bytes.*at least 32/],
    ["an empty kid", [{ kid: "", secret }], /empty kid/],
    [
      "a kid used twice",
      [
        { kid: "a", secret },
        { kid: "a", secret },
      ],
      /"a" twice/,
    ],
  ])("%s stops the start", (_, secrets, complaint) => {
    expect(() => setUp({ secrets })).toThrow(complaint);
  });
});

describe("times", () => {
  const quiet = [0, 90 * 24 * 3_600_000];

  test.each(quiet)("exp is kept to within 30 s, %d ms after the start", async (quietMs) => {
    const { authenticator, clock } = setUp();
    clock.pass(quietMs);
    const token = signByHand({ ...goodClaims, exp: clock.now() / 1000 + 60 });
    clock.pass(89_999);
    expect(await refusalOf(ask(authenticator, token))).toBe("accepted");
    clock.pass(1);
    expect(await refusalOf(ask(authenticator, token))).toEqual(unauthenticated("expired"));
    clock.pass(90 * 24 * 3_600_000);
    expect(await refusalOf(ask(authenticator, token))).toEqual(unauthenticated("expired"));
  });

  test("nbf is kept to within 30 s", async () => {
    const { authenticator, clock } = setUp();
    const token = signByHand({ ...goodClaims, nbf: start + 31 });
    expect(await refusalOf(ask(authenticator, token))).toEqual(unauthenticated("notYetValid"));
    clock.pass(1000);
    expect(await refusalOf(ask(authenticator, token))).toBe("accepted");
  });

  test.each([undefined, null, "tomorrow", true, String(start + 300)])("an exp of %j is refused", async (exp) => {
    const token = signByHand({ ...goodClaims, exp });
    expect(await refusalOf(ask(setUp().authenticator, token))).toEqual(unauthenticated("expiry"));
  });

  test("a verified token tells the instant from which it is refused", async () => {
    const { clock } = setUp();
    const options = { secrets: toSecretKeys([{ kid: "shop-1", secret }]), publicKeys: [], audience: "pricelane" };
    const verify = createTokenVerifier({ ...options, company: null, clock });
    expect(await verify(signByHand(goodClaims))).toMatchObject({ expiresAt: (goodClaims.exp + 30) * 1000 });
  });

  test.each(["1e999", "1772366700000"])("an exp of %s, which never comes, is refused", async (exp) => {
    const token = signByHand(`{"aud":"pricelane","exp":${exp}}`);
    expect(await refusalOf(ask(setUp().authenticator, token))).toEqual(unauthenticated("expiry"));
  });
});

describe("claims", () => {
  const { authenticator } = setUp();
  const refusal = (changes: object) => refusalOf(ask(authenticator, signByHand({ ...goodClaims, ...changes })));
  const caller = (changes: object) => ask(authenticator, signByHand({ ...goodClaims, ...changes }));

  const strangers = [undefined, null, "", "pricelane2", "PRICELANE", [], ["other"], [["pricelane"]], { pricelane: 1 }];
  test.each(strangers.map((aud) => [aud]))("an aud of %j is refused", async (aud) => {
    expect(await refusal({ aud })).toEqual(unauthenticated("audience"));
  });

  test("an aud that is a list with this server in it is accepted", async () => {
    expect(await refusal({ aud: ["other", "pricelane"] })).toBe("accepted");
  });

  const shapeless = ["", "   ", null, 7, true, ["C0001"], { code: "C0001" }];
  const unprintable = ["C\u00000001", "C0001\n", "\u007f", "C\u0085", "C\ud800", "x".repeat(201)];
  test.each([...shapeless, ...unprintable].map((sub) => [sub]))("a sub of %j is refused, not dropped", async (sub) => {
    expect(await refusal({ sub })).toEqual(unauthenticated("subject"));
  });

  test.each(["x".repeat(200), "K-1 / Süd", "客户"])("a sub of %j is the customer, to the letter", async (sub) => {
    expect((await caller({ sub })).customer).toBe(sub);
  });

  test("a token without sub is a machine and has no customer", async () => {
    expect(await caller({ sub: undefined, scope: "feed" })).toEqual({
      kind: "machine",
      customer: null,
      lane: "feed",
      scopes: new Set(["feed"]),
      budgetId: null,
    });
  });

  test("a customer's budget is its own whoever signs, a machine's that of its issuer and key", async () => {
    const budget = async (changes: object) => (await caller(changes)).budgetId;
    expect(await budget({ iss: "a" })).toBe(await budget({ iss: "b" }));
    expect(await budget({ sub: "C0002" })).not.toBe(await budget({}));
    const machines = [{ iss: "a" }, { iss: "b" }, {}, { iss: 7 }].map((changes) =>
      budget({ sub: undefined, ...changes }),
    );
    const [one, other, none, wrong] = await Promise.all(machines);
    expect(new Set([one, other, none]).size).toBe(3);
    expect(wrong).toBe(none);
    expect(one).toContain(goodHeader.kid);
  });

  test.each(["checkout", "feed"])("in the lane %s nobody counts, be it a customer or a machine", async (scope) => {
    expect((await caller({ scope })).budgetId).toBeNull();
    expect((await caller({ scope, sub: undefined })).budgetId).toBeNull();
  });

  test.each([
    [undefined, "storefront", []],
    ["", "storefront", []],
    ["ops invalidate", "storefront", ["ops", "invalidate"]],
    ["feed", "feed", ["feed"]],
    ["feed storefront", "storefront", ["feed", "storefront"]],
    ["feed storefront checkout", "checkout", ["feed", "storefront", "checkout"]],
    ["checkouts", "storefront", ["checkouts"]],
    ["  checkout  ", "checkout", ["checkout"]],
  ])("a scope of %j gives the lane %s", async (scope, lane, scopes) => {
    const { lane: found, scopes: carried } = await caller({ scope });
    expect({ lane: found, scopes: [...carried] }).toEqual({ lane, scopes });
  });

  test.each([[null], [7], [["ops"]], [{ ops: true }]])("a scope of %j is refused", async (scope) => {
    expect(await refusal({ scope })).toEqual(unauthenticated("scope"));
  });
});

describe("company", () => {
  const forbidden = { code: "FORBIDDEN", reason: refusals.company };
  test.each([
    ["acme", "acme", "accepted"],
    ["acme", undefined, "accepted"],
    [null, undefined, "accepted"],
    ["acme", "umbrella", forbidden],
    ["acme", "ACME", forbidden],
    ["acme", "", forbidden],
    ["acme", null, forbidden],
    ["acme", ["acme"], forbidden],
    [null, "acme", forbidden],
    [null, null, forbidden],
  ])("a server for %j and a token for %j", async (company, claim, outcome) => {
    const { authenticator } = setUp({ company });
    expect(await refusalOf(ask(authenticator, signByHand({ ...goodClaims, company: claim })))).toEqual(outcome);
  });

  test("a token that is not valid is UNAUTHENTICATED even where its company is wrong too", async () => {
    const { authenticator } = setUp({ company: "acme" });
    const wrong = { ...goodClaims, company: "umbrella" };
    const outcome = (exp: unknown) => refusalOf(ask(authenticator, signByHand({ ...wrong, exp })));
    expect(await outcome(start - 31)).toEqual(unauthenticated("expired"));
    expect(await outcome(undefined)).toEqual(unauthenticated("expiry"));
  });
});

describe("refusals", () => {
  test("an error carries nothing of the token, to the client or to the log", async () => {
    const { authenticator } = setUp({ company: "acme" });
    const marked = { ...goodClaims, sub: "MARKED", company: "MARKED", jti: "MARKED" };
    const tokens = [
      signByHand({ ...marked, exp: 1 }),
      signByHand({ ...marked, aud: "MARKED" }),
      signByHand(marked),
      signByHand(marked, { ...goodHeader, kid: "MARKED" }),
      signByHand(marked, { ...goodHeader, alg: "MARKED" }),
      "MARKED",
    ];
    for (const token of tokens) {
      const error: unknown = await ask(authenticator, token).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      const { message, cause } = error as Error;
      expect(cause).toBeUndefined();
      expect(JSON.stringify({ ...(error as Error), message })).not.toContain("MARKED");
    }
  });

  test("docs/identity.md explains every refusal in the server's own words", () => {
    const page = readFileSync("docs/identity.md", "utf8");
    const unexplained = Object.values(refusals).filter((reason) => !page.includes(reason));
    expect(unexplained).toEqual([]);
  });
});
