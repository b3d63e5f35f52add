import { expect, test } from "vitest";
import { readSettings } from "../src/read-settings.js";
import { createWelcome, printWelcome } from "../src/welcome.js";

const clock = { now: () => Date.parse("2026-03-01T12:00:00Z"), after: () => () => {} };
const real = { ERP_CONNECTOR: "port", ERP_URL: "http://erp.example", ERP_TOKEN: "t" };
const told = async (env: Record<string, string>) =>
  printWelcome(new URL("http://127.0.0.1:4000"), await createWelcome(readSettings(env), null, clock));

test.each([
  ["no key", {}, "No key is set, so there are public prices alone: see AUTH_SECRETS in docs/identity.md."],
  ["a secret", { AUTH_SECRETS: `shop-1:${"s3cret".repeat(6)}` }, "`pricelane token --customer CODE` mints a token."],
  ["a JWKS", { AUTH_JWKS_URL: "https://id.example/jwks" }, "a token signed with a key of the JWKS"],
])(
  "who starts on an ERP of their own with %s is told what a customer's prices need, and a question to ask",
  async (_what, keys, hint) => {
    const text = await told({ ...real, ...keys });
    expect(text).toContain("Pricelane listens at http://127.0.0.1:4000/");
    expect(text).toContain(hint);
    expect(text).not.toMatch(/s3cret|authorization/);
    const [, body = ""] = /^ +-d '(.*)'$/m.exec(text) ?? [];
    expect(JSON.parse(body)).toEqual({ query: expect.stringContaining('product(sku: "YOUR-SKU")') });
  },
);
