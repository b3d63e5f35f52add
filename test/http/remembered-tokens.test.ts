import { describe, expect, test } from "vitest";
import type { VerifiedToken } from "../../src/http/auth-verifier.js";
import { rememberTokens } from "../../src/http/remembered-tokens.js";
import { customerCaller } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";

const minuteMs = 60_000;

function setUp(keyMayGo: boolean) {
  const clock = new VirtualClock();
  const asked: string[] = [];
  let refusal: Error | null = null;
  const start = clock.now();
  const verify = rememberTokens(async (token): Promise<VerifiedToken> => {
    asked.push(token);
    if (refusal !== null) throw refusal;
    return { caller: customerCaller(token), expiresAt: start + 5 * minuteMs, keyMayGo };
  }, clock);
  return {
    clock,
    asked,
    verify,
    refuse: (error: Error) => {
      refusal = error;
    },
  };
}

describe("a token that was verified", () => {
  test("by a secret is believed until it ends, and not for a millisecond longer", async () => {
    const { clock, asked, verify, refuse } = setUp(false);
    expect((await verify("T")).caller.customer).toBe("T");
    await clock.advance(5 * minuteMs - 1);
    expect((await verify("T")).caller.customer).toBe("T");
    expect(asked).toEqual(["T"]);
    refuse(new Error("expired"));
    await clock.advance(1);
    await expect(verify("T")).rejects.toThrow("expired");
  });

  test("by a key that may be withdrawn is looked at anew after a second", async () => {
    const { clock, asked, verify, refuse } = setUp(true);
    await verify("T");
    await clock.advance(999);
    await verify("T");
    expect(asked).toHaveLength(1);
    refuse(new Error("unknown key"));
    await clock.advance(1);
    await expect(verify("T")).rejects.toThrow("unknown key");
  });

  test("is never taken for another one", async () => {
    const { verify } = setUp(false);
    expect((await verify("A")).caller.customer).toBe("A");
    expect((await verify("B")).caller.customer).toBe("B");
    expect((await verify("A")).caller.customer).toBe("A");
  });

  test("is forgotten once two generations of others came, so that a flood costs no memory", async () => {
    const { asked, verify } = setUp(false);
    await verify("first");
    for (let count = 0; count < 20_000; count++) await verify(`T${count}`);
    await verify("first");
    expect(asked.filter((token) => token === "first")).toHaveLength(2);
  });
});

test("a token that was refused is looked at anew each time", async () => {
  const { asked, verify, refuse } = setUp(false);
  refuse(new Error("bad"));
  await expect(verify("T")).rejects.toThrow("bad");
  await expect(verify("T")).rejects.toThrow("bad");
  expect(asked).toHaveLength(2);
});
