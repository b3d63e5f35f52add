import { execFile, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { verifiedCustomer } from "../../src/pricing/keys.js";
import { parseQuoteKey, toQuoteKeys } from "../../src/pricing/quote-keys.js";
import { createQuotes } from "../../src/pricing/quote-signing.js";

const folder = mkdtempSync(join(tmpdir(), "pricelane-quote-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the built command. */
function pricelane(args: readonly string[], input = "") {
  const ended = spawnSync(process.execPath, ["dist/src/cli/pricelane.js", "quote", ...args], {
    encoding: "utf8",
    input,
  });
  return { exitCode: ended.status, stdout: ended.stdout, stderr: ended.stderr };
}

/** Runs it while this process serves what it asks for. */
async function verifyAgainst(token: string, listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const args = ["dist/src/cli/pricelane.js", "quote", "verify", token, "--jwks", url];
  try {
    return await new Promise<{ exitCode: unknown; stdout: string; stderr: string; url: string }>((resolve) =>
      execFile(process.execPath, args, (error, stdout, stderr) =>
        resolve({ exitCode: error?.code ?? 0, stdout, stderr, url }),
      ),
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function jwksOf(name: string, keys: readonly object[]): string {
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify({ keys }));
  return file;
}

const keyFile = join(folder, "quote.jwk");
const made = pricelane(["key", keyFile]);
const jwks = join(folder, "jwks.json");
writeFileSync(jwks, made.stdout);

const line = { sku: "A-1", quantity: "2", net: "10.5", priceUnit: "100", unit: null, taxRate: null };
async function sign(at = Date.now(), customer: string | null = "C1") {
  const keys = toQuoteKeys(await parseQuoteKey(JSON.parse(readFileSync(keyFile, "utf8"))), []);
  const quotes = createQuotes({ keys, company: null, lifetimeMs: 60_000, createId: () => "Q1" });
  const code = customer === null ? null : verifiedCustomer(customer);
  return (await quotes.sign({ customer: code, currency: "EUR", lines: [{ ...line, taxBasis: "NET" }] }, at)).token;
}

describe("pricelane quote key", () => {
  test("writes a key for its owner alone, and shows the public half without the private one", () => {
    expect(made.exitCode).toBe(0);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
    const { d } = JSON.parse(readFileSync(keyFile, "utf8"));
    expect(d).toHaveLength(43);
    expect(made.stdout).not.toContain(d);
    expect(JSON.parse(made.stdout)).toMatchObject({ keys: [{ kty: "OKP", crv: "Ed25519", use: "sig" }] });
  });

  test("never overwrites a file", () => {
    const before = readFileSync(keyFile, "utf8");
    expect(pricelane(["key", keyFile])).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("EEXIST") });
    expect(readFileSync(keyFile, "utf8")).toBe(before);
  });

  test.each([
    ["without its file", [], "missing required argument 'file'"],
    ["for a folder that is not there", [join(folder, "none", "quote.jwk")], "ENOENT"],
    ["with an option it does not have", [join(folder, "other.jwk"), "--force"], "--force"],
  ])("ends with exit code 2 %s", (_what, args, said) => {
    expect(pricelane(["key", ...args])).toMatchObject({
      exitCode: 2,
      stdout: "",
      stderr: expect.stringContaining(said),
    });
  });
});

describe("pricelane quote verify", () => {
  test("tells what was promised, also from stdin and as JSON", async () => {
    const token = await sign();
    const asked = ["--jwks", jwks, "--customer", "C1", "--sku", "A-1", "--quantity", "2.0", "--currency", "EUR"];
    const { exitCode, stdout } = pricelane(["verify", token, ...asked]);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining("HONOURED\nfor customer C1\n")]);
    expect(stdout).toContain("2 × A-1 at 10.5 EUR net per 100");
    const json = pricelane(["verify", "-", "--jwks", jwks, "--json"], `${token}\n`);
    expect(JSON.parse(json.stdout)).toMatchObject({ status: "HONOURED", quote: { customer: "C1", currency: "EUR" } });
  });

  test.each([
    ["FOREIGN", ["--customer", "C2"]],
    ["FOREIGN", ["--public"]],
    ["INVALID", ["--company", "other"]],
    ["OTHER_LINE", ["--sku", "A-1", "--quantity", "3"]],
    ["OTHER_LINE", ["--currency", "USD"]],
  ])("says %s, with exit code 1, for %j", async (status, flags) => {
    const { exitCode, stdout } = pricelane(["verify", await sign(), "--jwks", jwks, ...flags]);
    expect([exitCode, stdout]).toEqual([1, expect.stringContaining(`${status}: `)]);
    if (status === "FOREIGN") expect(stdout).not.toContain("A-1");
  });

  test("says EXPIRED of an old one, and INVALID of a forged one or of no quote at all", async () => {
    const old = pricelane(["verify", await sign(Date.now() - 60_000), "--jwks", jwks]);
    expect([old.exitCode, old.stdout]).toEqual([1, expect.stringContaining("EXPIRED")]);
    const forged = pricelane(["verify", `${(await sign()).slice(0, -8)}AAAAAAAA`, "--jwks", jwks]);
    expect([forged.exitCode, forged.stdout]).toEqual([1, expect.stringContaining("INVALID: the quote has a broken")]);
    expect(pricelane(["verify", "hello", "--jwks", jwks])).toMatchObject({ exitCode: 1 });
  });

  test.each([
    ["of another company", ["--company", "other"], (token: string) => token, "another company"],
    ["forged", [], (token: string) => `${token.slice(0, -8)}AAAAAAAA`, "wrong signature"],
    ["that is none", [], () => "hello", "no JWS"],
  ])("says why, and what to do, of a quote %s", async (_what, flags, spoil, why) => {
    const token = spoil(await sign());
    const { stdout } = pricelane(["verify", token, "--jwks", jwks, ...flags]);
    expect(stdout).toMatch(new RegExp(`^INVALID: .*${why}.*; do not charge its prices: validate the cart again`));
    const json = JSON.parse(pricelane(["verify", token, "--jwks", jwks, "--json", ...flags]).stdout);
    expect(json).toEqual({
      status: "INVALID",
      why: expect.stringContaining(why),
      mend: expect.stringContaining("validate the cart again"),
      quote: null,
    });
  });

  test.each([
    ["no keys", [], "--jwks"],
    ["a file that is not there", ["--jwks", "none.json"], "none.json"],
    ["a file that is no JWKS", ["--jwks", "package.json"], "package.json"],
    ["half a line", ["--jwks", jwks, "--sku", "A-1"], "--quantity"],
    ["a quantity that is none", ["--jwks", jwks, "--sku", "A-1", "--quantity", "1e3"], "1e3"],
    ["two customers", ["--jwks", jwks, "--public", "--customer", "C1"], "--public"],
  ])("ends with exit code 2 and says so for %s", (_what, flags, named) => {
    const { exitCode, stderr } = pricelane(["verify", "x", ...flags]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(named)]);
  });
});

describe("the keys of pricelane quote verify", () => {
  const { keys } = JSON.parse(made.stdout) as { keys: { kid: string }[] };
  const kid = keys[0]?.kid ?? "";
  const publicJwk = (key: ReturnType<typeof generateKeyPairSync>["publicKey"]) => key.export({ format: "jwk" });
  const rsa = publicJwk(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey);
  const x25519 = publicJwk(generateKeyPairSync("x25519").publicKey);
  const stranger = publicJwk(generateKeyPairSync("ed25519").publicKey);
  const ec = publicJwk(generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey);

  test("may come from a URL", async () => {
    const found = await verifyAgainst(await sign(), (_request, response) => response.end(made.stdout));
    expect(found).toMatchObject({ exitCode: 0, stderr: "", stdout: expect.stringContaining("HONOURED\n") });
  });

  test("may stand among those of other kinds, even under one kid, which are passed over", async () => {
    const others = [{ ...rsa, kid }, ec, { ...x25519, kid }];
    const token = await sign();
    expect(pricelane(["verify", token, "--jwks", jwksOf("mixed.json", [...others, ...keys])]).exitCode).toBe(0);
    const none = jwksOf("others.json", others);
    const { exitCode, stderr } = pricelane(["verify", token, "--jwks", none]);
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringContaining(`${none} holds no Ed25519 key: give the gateway's`),
    ]);
  });

  test("are refused where two different ones have one kid, whichever comes first; one may stand twice", async () => {
    const token = await sign();
    const other = { ...stranger, kid };
    for (const both of [
      [...keys, other],
      [other, ...keys],
    ]) {
      const { exitCode, stderr } = pricelane(["verify", token, "--jwks", jwksOf("two.json", both)]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`two different keys have the kid "${kid}"`)]);
    }
    expect(pricelane(["verify", token, "--jwks", jwksOf("twice.json", [...keys, ...keys])]).exitCode).toBe(0);
  });

  test("are refused where one of them is broken, with the file and the mend", () => {
    const broken = jwksOf("broken.json", [...keys, { kty: "OKP", crv: "Ed25519", x: "short" }]);
    const { exitCode, stderr } = pricelane(["verify", "x", "--jwks", broken]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${broken} cannot be used: a key in it must have`)]);
    expect(stderr).toContain("give the gateway's /.well-known/jwks.json");
  });

  test("that a server refuses, cuts short, or floods with are told by its URL and the mend", async () => {
    const refused = await verifyAgainst("x", (_request, response) => response.writeHead(503).end());
    expect(refused).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`${refused.url} answers HTTP 503: `),
    });
    const cut = await verifyAgainst("x", (_request, response) => {
      response.writeHead(200, { "content-length": "1000" }).write("{", () => response.destroy());
    });
    expect(cut).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`${cut.url} cannot be read (`) });
    const padded = made.stdout.padEnd(256 * 1024, " ");
    expect((await verifyAgainst(await sign(), (_request, response) => response.end(padded))).exitCode).toBe(0);
    const flood = await verifyAgainst(await sign(), (_request, response) => response.end(`${padded} `));
    expect(flood).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining(`${flood.url} is longer than 262144 `),
    });
    for (const { stderr } of [refused, cut, flood]) expect(stderr).toMatch(/check the address|give the gateway's/);
  });

  test("that nobody serves are told by their URL, what the system says, and the mend", async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(gone.address() as AddressInfo).port}/jwks.json`;
    await new Promise((resolve) => gone.close(resolve));
    const { exitCode, stderr } = pricelane(["verify", "x", "--jwks", url]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(`${url} cannot be read (ECONNREFUSED): check the`)]);
  });
});
