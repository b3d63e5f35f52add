import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, describe, expect, test } from "vitest";
import { type FeedTokenOptions, readFeedToken } from "../../../src/cli/feed/feed-token.js";
import { makeFolder } from "./feed-setup.js";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, "token");
const now = Date.UTC(2026, 10, 24);
const key = { kid: "shop-1", secret: new TextEncoder().encode("x".repeat(32)) };

function read(parts: Partial<FeedTokenOptions> = {}): Promise<string> {
  const readKeys = () => ({ secrets: [key], audience: "pricelane" });
  return readFeedToken({ file: null, given: null, readKeys, now: () => now, ...parts });
}

describe("the token of pricelane feed", () => {
  test("is the file's, else the one given, else one of the gateway's own key for the feed alone", async () => {
    writeFileSync(file, "from.the.file\n");
    expect(await read({ file, given: "given" })).toBe("from.the.file");
    expect(await read({ given: " given\n" })).toBe("given");
    const minted = await read();
    expect(decodeProtectedHeader(minted)).toMatchObject({ alg: "HS256", kid: "shop-1" });
    expect(decodeJwt(minted)).toMatchObject({ scope: "feed", aud: "pricelane", exp: now / 1000 + 3600 });
    expect(decodeJwt(minted)).not.toHaveProperty("sub");
  });

  test.each<[string, Partial<FeedTokenOptions>, string]>([
    ["a file that is not there", { file: join(folder, "none") }, "ENOENT"],
    ["a token that is none", { given: "secret words" }, "PRICELANE_TOKEN holds no token"],
    [
      "an environment without keys",
      { readKeys: () => ({ secrets: [], audience: "pricelane" }) },
      "set PRICELANE_TOKEN",
    ],
    [
      "an environment that is no gateway's",
      {
        readKeys: () => {
          throw new Error("ERP_URL is missing");
        },
      },
      "ERP_URL is missing",
    ],
  ])("is told how to be had with %s, without a word of what was there", async (_what, parts, said) => {
    await expect(read(parts)).rejects.toMatchObject({ reason: "notAsAsked", message: expect.stringContaining(said) });
    await expect(read(parts)).rejects.not.toMatchObject({ message: expect.stringContaining("secret words") });
  });
});
