import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { authSecrets, mintToken } from "../support/graphql-client.js";
import { type Scenario, startScenario } from "./scenario.js";

const folder = mkdtempSync(join(tmpdir(), "pricelane-rotation-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface KeyFiles {
  /** As `pricelane quote key` writes it, with the private half. */
  readonly file: string;
  /** As it prints it: the public half as a JWKS. */
  readonly jwksFile: string;
  readonly kid: string;
  readonly d: string;
}

function makeKey(name: string): KeyFiles {
  const [file, jwksFile] = [join(folder, `${name}.jwk`), join(folder, `${name}.jwks.json`)];
  const made = spawnSync(process.execPath, ["dist/src/cli/pricelane.js", "quote", "key", file], { encoding: "utf8" });
  writeFileSync(jwksFile, made.stdout);
  const { kid, d } = JSON.parse(readFileSync(file, "utf8")) as { kid: string; d: string };
  return { file, jwksFile, kid, d };
}

const [keyA, keyB] = [makeKey("a"), makeKey("b")];

/** Runs a gateway of its own with these keys. */
async function withKeys<T>(env: Readonly<Record<string, string>>, run: (scenario: Scenario) => Promise<T>): Promise<T> {
  const scenario = await startScenario(env);
  try {
    return await run(scenario);
  } finally {
    await scenario.stop();
    for (const { d } of [keyA, keyB]) expect(scenario.gateway.printed).not.toContain(d);
  }
}

const query = `query ($input: ValidateCartInput!) { validateCart(input: $input) {
  verdict quote { token } lines { price quoteStatus net { amount } } } }`;
const lines = [{ key: "1", sku: "SKU-1", quantity: "2" }];

function order(scenario: Scenario, quote?: string) {
  const token = mintToken({ scope: "checkout", sub: "C1" });
  return scenario.ask(query, { token, variables: { input: { lines, ...(quote === undefined ? {} : { quote }) } } });
}

/** What becomes of the quote once the price has risen. */
async function statusOf(quote: string, scenario: Scenario) {
  scenario.erp.prices.set("C1|SKU-1", { unitPrice: "999.00", taxRate: "20", tiers: [] });
  const { price, quoteStatus, net } = (await order(scenario, quote)).at("validateCart.lines.0") as Record<
    string,
    unknown
  >;
  return [price, quoteStatus, net];
}

async function kidsOf({ gateway }: Scenario) {
  const { keys } = (await (await fetch(`${gateway.url}/.well-known/jwks.json`)).json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

describe("over a change of keys, each with a restart", () => {
  let quote = "";

  test("a key that is to come is shown before it signs", async () => {
    await withKeys({ QUOTE_KEY_FILE: keyA.file, QUOTE_OLD_KEYS_FILE: keyB.jwksFile }, async (scenario) => {
      quote = String((await order(scenario)).at("validateCart.quote.token"));
      expect(await kidsOf(scenario)).toEqual([keyA.kid, keyB.kid]);
      const header = JSON.parse(Buffer.from(quote.split(".")[0] ?? "", "base64url").toString()) as unknown;
      expect(header).toMatchObject({ kid: keyA.kid });
    });
  });

  test("a quote of the old key stands while that key is kept, and the public keys are both", async () => {
    await withKeys({ QUOTE_KEY_FILE: keyB.file, QUOTE_OLD_KEYS_FILE: keyA.jwksFile }, async (scenario) => {
      expect(await statusOf(quote, scenario)).toEqual(["QUOTED", "HONOURED", { amount: "101.15" }]);
      expect(await kidsOf(scenario)).toEqual([keyB.kid, keyA.kid]);
    });
  });

  test("once the old key is left out its quotes are INVALID, and the price is the live one", async () => {
    await withKeys({ QUOTE_KEY_FILE: keyB.file }, async (scenario) => {
      expect(await statusOf(quote, scenario)).toEqual(["UNCHANGED", "INVALID", { amount: "999.00" }]);
      expect(await kidsOf(scenario)).toEqual([keyB.kid]);
    });
  });
});

describe.concurrent("with keys that cannot be used the start stops", () => {
  const written = (name: string, text: string) => {
    const file = join(folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  };
  const jwkOf = ({ file }: KeyFiles) => JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const clash = JSON.stringify({ ...jwkOf(keyB), kid: keyA.kid });

  test.each([
    ["whose file is a folder", "QUOTE_KEY_FILE", folder, "make a key with `pricelane quote key`"],
    ["that are no JSON", "QUOTE_KEY_FILE", written("half.jwk", `{"d":"${keyA.d}"`), "what `pricelane quote key` makes"],
    [
      "without a private half",
      "QUOTE_KEY_FILE",
      written("public.jwk", JSON.stringify({ ...jwkOf(keyA), d: undefined })),
      "needs the private key",
    ],
    [
      "of halves that differ",
      "QUOTE_KEY_FILE",
      written("mixed.jwk", JSON.stringify({ ...jwkOf(keyA), d: keyB.d })),
      "different keys",
    ],
    [
      "of another kind",
      "QUOTE_OLD_KEYS_FILE",
      written("rsa.json", '{"keys":[{"kty":"RSA"}]}'),
      "key 1 must be an Ed25519 key",
    ],
    ["of which two have one name", "QUOTE_OLD_KEYS_FILE", written("clash.jwk", clash), "give each its own, or none"],
  ])("%s: it names %s, the file and the mend, and tells nothing of a key", async (_what, setting, file, mend) => {
    const { code, printed } = await GatewayProcess.run({
      ERP_CONNECTOR: "port",
      ERP_URL: "http://127.0.0.1:9",
      AUTH_SECRETS: authSecrets,
      QUOTE_KEY_FILE: keyA.file,
      [setting]: file,
    });
    expect(code).toBe(1);
    expect(printed).toContain(`pricelane: could not start: ${setting} ${file} cannot be used: `);
    expect(printed).toContain(mend);
    for (const { d } of [keyA, keyB]) expect(printed).not.toContain(d);
  });

  test.each(["QUOTE_KEY_FILE", "QUOTE_OLD_KEYS_FILE"])("for a %s that is not there", async (setting) => {
    const file = join(folder, "none.jwk");
    const { code, printed } = await GatewayProcess.run({ ERP_CONNECTOR: "demo", [setting]: file });
    const said = `${setting} should be the path of a file that this process may read, not "${file}"`;
    expect([code, printed]).toEqual([1, expect.stringContaining(said)]);
  });

  test("in production with a fleet and no key: it names QUOTE_KEY_FILE and how to make one", async () => {
    const env = { ERP_CONNECTOR: "port", ERP_URL: "http://127.0.0.1:9", AUTH_SECRETS: authSecrets };
    const fleet = { ...env, NODE_ENV: "production", VALKEY_URL: "redis://127.0.0.1:9" };
    const { code, printed } = await GatewayProcess.run(fleet);
    expect([code, printed]).toEqual([
      1,
      expect.stringContaining("QUOTE_KEY_FILE is missing: in production with VALKEY_URL"),
    ]);
    expect(printed).toContain("pricelane quote key");
  });
});
