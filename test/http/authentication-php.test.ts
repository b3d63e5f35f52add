import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../src/clock.js";
import { describeWith } from "../support/parts.js";
import { ask, secret, setUp } from "./authentication-fixtures.js";

/** The PHP of the page, and a last line of our own. */
function runPage(lastLine: string): string {
  const page = readFileSync("docs/identity.md", "utf8");
  const blocks = [...page.matchAll(/```php\n<\?php\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks).toHaveLength(2);
  return execFileSync("php", ["-r", `${blocks.join("\n")}\n${lastLine}`], { encoding: "utf8" });
}

describeWith("php", "the PHP of docs/identity.md", () => {
  test("signs HS256 tokens that are accepted", async () => {
    const { authenticator } = setUp({ clock: systemClock });
    const token = runPage(`echo pricelane_token('shop-1', '${secret}', 'Kö/1', 'storefront');`);
    expect(await ask(authenticator, token)).toMatchObject({ kind: "customer", customer: "Kö/1", lane: "storefront" });
    const feedToken = runPage(`echo pricelane_token('shop-1', '${secret}', null, 'feed');`);
    expect(await ask(authenticator, feedToken)).toMatchObject({ kind: "machine", customer: null, lane: "feed" });
  });

  test("signs EdDSA tokens that are accepted with its own JWKS", async () => {
    const output = runPage(
      "$key = sodium_crypto_sign_secretkey(sodium_crypto_sign_keypair());" +
        'echo pricelane_jwks("shop-2026", $key), "\\n", pricelane_token_eddsa("shop-2026", $key, "C0001", "checkout");',
    );
    const [jwks = "", token = ""] = output.split("\n");
    const folder = mkdtempSync(join(tmpdir(), "pricelane-php-"));
    const jwksFile = join(folder, "jwks.json");
    writeFileSync(jwksFile, jwks);
    const { authenticator } = setUp({ clock: systemClock, secrets: [], jwksFile });
    expect(await ask(authenticator, token)).toMatchObject({ kind: "customer", customer: "C0001", lane: "checkout" });
    rmSync(folder, { recursive: true });
  });
});
