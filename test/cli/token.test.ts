import { CommanderError } from "commander";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { type SigningKeys, tokenCommand } from "../../src/cli/token.js";
import { createAuthenticator } from "../../src/http/authentication.js";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now, after: () => () => {} };
const secrets = [
  { kid: "shop-1", secret: Buffer.from("the first secret of the shop, long enough") },
  { kid: "shop-2", secret: Buffer.from("the other secret of the shop, long enough") },
];

/** Runs the command as the shell would, with what it wrote and how it ended. */
async function run(args: readonly string[], keys: SigningKeys = { secrets, audience: "pricelane" }) {
  let stdout = "";
  let stderr = "";
  const command = tokenCommand({ readKeys: () => keys, clock });
  command.exitOverride().configureOutput({
    writeOut: (text) => {
      stdout += text;
    },
    writeErr: (text) => {
      stderr += text;
    },
  });
  try {
    await command.parseAsync(args, { from: "user" });
    return { exitCode: 0, stdout, stderr };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { exitCode: error.exitCode, stdout, stderr };
  }
}

describe("pricelane token", () => {
  test("prints the token alone on stdout, and the server it is for accepts it", async () => {
    const { stdout, stderr } = await run(["--customer", "C0001", "--scope", "storefront ops", "--company", "acme"]);
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(stderr).toContain("customer C0001");
    expect(stderr).not.toContain(stdout.trim());
    const log = { warn: () => {}, error: () => {} };
    const options = { secrets, jwksFile: null, jwksUrl: null, audience: "pricelane", company: "acme", clock, log };
    expect(await createAuthenticator(options).authenticate(`Bearer ${stdout.trim()}`)).toEqual({
      kind: "customer",
      customer: "C0001",
      lane: "storefront",
      scopes: new Set(["storefront", "ops"]),
      budgetId: "customer:C0001",
    });
  });

  test("signs with the first key, for an hour, for the storefront and the server's audience, where nothing is said", async () => {
    const { stdout, stderr } = await run([]);
    const verified = await jwtVerify(stdout.trim(), secrets[0]!.secret, { currentDate: new Date(now) });
    expect(verified.protectedHeader).toEqual({ alg: "HS256", typ: "JWT", kid: "shop-1" });
    const iat = now / 1000;
    expect(verified.payload).toEqual({ iss: "pricelane", aud: "pricelane", scope: "storefront", iat, exp: iat + 3600 });
    expect(stderr).toContain("machine");
  });

  test("obeys --kid, --audience and --minutes", async () => {
    const { stdout } = await run(["--kid", "shop-2", "--audience", "other", "--minutes", "43200"]);
    const { payload } = await jwtVerify(stdout.trim(), secrets[1]!.secret, { currentDate: new Date(now) });
    expect(payload).toMatchObject({ aud: "other", exp: now / 1000 + 43_200 * 60 });
    expect(decodeProtectedHeader(stdout.trim()).kid).toBe("shop-2");
  });

  test.each([
    [["--scope", "storefront admin"], 'no scope "admin". Known: storefront, checkout, feed, invalidate, ops.'],
    [["--scope", " "], "names no scope. Known: storefront,"],
    [["--minutes", "0"], "whole number from 1 to 43200"],
    [["--minutes", "43201"], "whole number from 1 to 43200"],
    [["--minutes", "1.5"], "whole number from 1 to 43200"],
    [["--minutes", "soon"], "whole number from 1 to 43200"],
    [["--minutes", "-5"], "whole number from 1 to 43200"],
    [["--customer", ""], "1 to 200 characters"],
    [["--customer", "C\u0000"], "1 to 200 characters"],
    [["--customer", "x".repeat(201)], "1 to 200 characters"],
    [["--audience", ""], "must not be empty"],
    [["--company", " "], "must not be empty"],
    [["--kid", "shop-9"], 'no key "shop-9"; it has shop-1, shop-2'],
    [["C0001"], "too many arguments"],
    [["--user", "C0001"], "unknown option"],
  ])("%j is refused with the mend, and prints no token", async (args, complaint) => {
    const { exitCode, stdout, stderr } = await run(args);
    expect(stderr).toContain(complaint);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  });

  test("without keys it says how to set one", async () => {
    const { exitCode, stdout, stderr } = await run([], { secrets: [], audience: "pricelane" });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("AUTH_SECRETS has no key to sign with; set it to kid:secret");
  });

  test("an error names no secret", async () => {
    const { stderr } = await run(["--kid", "shop-9"]);
    for (const { secret } of secrets) expect(stderr).not.toContain(secret.toString());
  });
});
