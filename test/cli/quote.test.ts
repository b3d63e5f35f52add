import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
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
