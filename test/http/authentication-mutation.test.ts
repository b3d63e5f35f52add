import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ask, createSigner, goodClaims, refusalOf, setUp, signByHand, toJwks } from "./authentication-fixtures.js";

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index));

/** Characters at random places of a token replaced, dropped or doubled. */
const mutations = fc.array(
  fc.record({
    at: fc.nat(),
    how: fc.constantFrom("replace", "drop", "insert"),
    character: fc.constantFrom(...printable),
  }),
  { minLength: 1, maxLength: 4 },
);

function mutate(token: string, changes: readonly { at: number; how: string; character: string }[]): string {
  let mutated = token;
  for (const { at, how, character } of changes) {
    const place = at % mutated.length;
    const rest = mutated.slice(how === "insert" ? place : place + 1);
    mutated = mutated.slice(0, place) + (how === "drop" ? "" : character) + rest;
  }
  return mutated;
}

describe("a token with any of its characters changed is UNAUTHENTICATED", () => {
  async function holdsFor(token: string, authenticator: ReturnType<typeof setUp>["authenticator"], numRuns: number) {
    expect(await refusalOf(ask(authenticator, token))).toBe("accepted");
    await fc.assert(
      fc.asyncProperty(mutations, async (changes) => {
        const mutated = mutate(token, changes);
        // Blanks around a token are no part of it.
        fc.pre(mutated.trim() !== token);
        expect(await refusalOf(ask(authenticator, mutated))).toMatchObject({ code: "UNAUTHENTICATED" });
      }),
      { numRuns },
    );
  }

  test("HS256, changed at random", async () => {
    await holdsFor(signByHand(goodClaims), setUp().authenticator, 2000);
  });

  test.each(["EdDSA", "ES256", "RS256"] as const)("%s, changed at random", async (algorithm) => {
    const signer = await createSigner(algorithm, "k1");
    const fetch = async () => new Response(toJwks(signer));
    const { authenticator } = setUp({ jwksUrl: new URL("https://id.example/jwks"), fetch });
    await holdsFor(await signer.sign(), authenticator, 500);
  });

  test("HS256, every single place and every other character of base64url", async () => {
    const token = signByHand({ aud: "pricelane", exp: goodClaims.exp });
    const { authenticator } = setUp();
    const accepted: string[] = [];
    for (const place of Array.from(token).keys()) {
      for (const character of printable.filter((each) => /[\w.-]/.test(each) && each !== token[place])) {
        const mutated = token.slice(0, place) + character + token.slice(place + 1);
        if ((await refusalOf(ask(authenticator, mutated))) === "accepted") accepted.push(mutated);
      }
    }
    expect(accepted).toEqual([]);
  });
});
