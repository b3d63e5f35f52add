import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { refusals } from "../../src/http/auth-refusals.js";
import type { AuthenticatorOptions } from "../../src/http/authentication.js";
import {
  ask,
  createSigner,
  goodClaims,
  refusalOf,
  type Signer,
  setUp,
  signByHand,
  toJwks,
} from "./authentication-fixtures.js";

const unknown = { code: "UNAUTHENTICATED", reason: refusals.keyUnknown };
const unreadable = { code: "UNAUTHENTICATED", reason: refusals.keysUnreadable };
const minuteMs = 60_000;

let server: Server;
let url: URL;
let asked = 0;
let answer: (response: ServerResponse) => void;
let old: Signer;
let next: Signer;

beforeAll(async () => {
  [old, next] = [await createSigner("RS256", "old"), await createSigner("EdDSA", "next")];
  server = createServer((_, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks?key=hidden`);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = 0;
  answer = serve(toJwks(old));
});

function serve(body: string, status = 200) {
  return (response: ServerResponse) => void response.writeHead(status).end(body);
}

/** To an address that would answer with keys. */
function redirect(response: ServerResponse): void {
  if (response.req.url === "/elsewhere") response.end(toJwks(old, next));
  else response.writeHead(302, { location: "/elsewhere" }).end();
}

const down = (response: ServerResponse) => void response.destroy();

function setUpUrl(changes: Partial<AuthenticatorOptions> = {}) {
  const { authenticator, clock, log } = setUp({ jwksUrl: url, ...changes });
  const outcome = async (signer: Signer, kid = signer.kid) => {
    const token = await signer.sign({ ...goodClaims, exp: clock.now() / 1000 + 60 }, { kid });
    return refusalOf(ask(authenticator, token));
  };
  return { authenticator, clock, log, outcome };
}

describe("AUTH_JWKS_URL", () => {
  test("is read when first needed, once for all who wait, and kept", async () => {
    const { outcome, authenticator } = setUpUrl();
    await authenticator.authenticate(undefined);
    expect(asked).toBe(0);
    expect(await Promise.all([1, 2, 3].map(() => outcome(old)))).toEqual(["accepted", "accepted", "accepted"]);
    expect(await outcome(old)).toBe("accepted");
    expect(asked).toBe(1);
  });

  test("is not read for an HS256 token, nor for one without kid", async () => {
    const { authenticator } = setUpUrl();
    await refusalOf(ask(authenticator, signByHand(goodClaims)));
    await refusalOf(ask(authenticator, signByHand(goodClaims, { alg: "HS256", kid: "strange" })));
    await refusalOf(ask(authenticator, signByHand(goodClaims, { alg: "RS256" })));
    expect(asked).toBe(0);
  });

  test("a new key is found as soon as a token names it", async () => {
    const { outcome, clock } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    answer = serve(toJwks(old, next));
    clock.pass(30_000);
    expect([await outcome(next), await outcome(old)]).toEqual(["accepted", "accepted"]);
    expect(asked).toBe(2);
  });

  test("random kids cost one reading in 30 s, and known kids pass meanwhile", async () => {
    const { outcome, clock } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    for (let second = 1; second <= 90; second += 1) {
      clock.pass(1_000);
      expect(await outcome(next, `random-${second}`)).toEqual(unknown);
      expect(await outcome(old)).toBe("accepted");
    }
    expect(asked).toBe(4);
  });

  test("random kids cost one reading in 5 s while the URL is down", async () => {
    answer = down;
    const { outcome, clock } = setUpUrl();
    for (let second = 0; second < 20; second += 1) {
      expect(await outcome(next, `random-${second}`)).toEqual(unreadable);
      clock.pass(1_000);
    }
    expect(asked).toBe(4);
  });

  test("a withdrawn key is refused once the keys are 10 minutes old, after quiet or busy times alike", async () => {
    for (const quietMs of [10 * minuteMs, 23 * 60 * minuteMs, 90 * 24 * 60 * minuteMs]) {
      answer = serve(toJwks(old));
      const { outcome, clock } = setUpUrl();
      expect(await outcome(old)).toBe("accepted");
      answer = serve(toJwks(next));
      clock.pass(quietMs);
      expect(await outcome(old)).toEqual(unknown);
      expect(await outcome(next)).toBe("accepted");
    }
  });

  test("down with no keys at hand: refused, logged as an error, and tried again after 5 s", async () => {
    answer = down;
    const { outcome, clock, log } = setUpUrl();
    expect(await outcome(old)).toEqual(unreadable);
    expect(log.lines).toMatchObject([{ level: "error", message: expect.stringContaining("no keys are at hand") }]);
    answer = serve(toJwks(old));
    clock.pass(4_999);
    expect(await outcome(old)).toEqual(unreadable);
    clock.pass(1);
    expect(await outcome(old)).toBe("accepted");
  });

  test("down with keys at hand: they hold for a day, and not a moment longer", async () => {
    const { outcome, clock, log } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    answer = down;
    clock.pass(24 * 60 * minuteMs - 1);
    expect(await outcome(old)).toBe("accepted");
    expect(await outcome(next)).toEqual(unreadable);
    expect(log.lines).toMatchObject([{ level: "warn", message: expect.stringContaining("stay in use") }]);
    clock.pass(1);
    expect(await outcome(old)).toEqual(unreadable);
    clock.pass(5_000);
    expect(await outcome(old)).toEqual(unreadable);
    expect(log.lines.at(-1)).toMatchObject({ level: "error" });
    answer = serve(toJwks(old));
    clock.pass(5_000);
    expect(await outcome(old)).toBe("accepted");
  });

  test("once the URL is up again it is read without a wait, and unknown kids are called unknown", async () => {
    const { outcome, clock } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    answer = down;
    clock.pass(10 * minuteMs);
    expect(await outcome(old)).toBe("accepted");
    const read = new Promise<void>((resolve) => {
      answer = (response) => {
        response.on("close", resolve);
        serve(toJwks(next))(response);
      };
    });
    clock.pass(5_000);
    expect(await outcome(old)).toBe("accepted");
    await read;
    expect(await outcome(next)).toBe("accepted");
    clock.pass(1_000); // for as long what was verified just now is believed
    expect(await outcome(old)).toEqual(unknown);
    expect(asked).toBe(3);
  });

  test("the keys' age counts from the question, not from a slow answer", async () => {
    let reads = 0;
    const slow = setUpUrl({
      fetch: async () => {
        reads += 1;
        slow.clock.pass(2_999);
        return new Response(toJwks(old));
      },
    });
    expect(await slow.outcome(old)).toBe("accepted");
    slow.clock.pass(10 * minuteMs - 3_000);
    expect(await slow.outcome(old)).toBe("accepted");
    expect(reads).toBe(1);
    slow.clock.pass(1);
    expect(await slow.outcome(old)).toBe("accepted");
    expect(reads).toBe(2);
  });

  test("a clock that was set back neither stops the reading nor keeps keys for ever", async () => {
    const { outcome, clock } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    answer = serve(toJwks(next));
    clock.pass(-60 * minuteMs);
    expect(await outcome(old)).toEqual(unknown);
    expect(await outcome(next)).toBe("accepted");
  });

  test("while the URL hangs, one request waits for the time-out and all later ones are answered at once", async () => {
    const { outcome, clock } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    const hanging = new Promise<void>((resolve) => {
      answer = () => resolve();
    });
    clock.pass(11 * minuteMs);
    const first = outcome(old);
    await hanging;
    clock.pass(3_000);
    expect(await first).toBe("accepted");
    // Behind its back the URL is tried again, and hangs again; nobody turns the clock for it.
    clock.pass(5_000);
    expect(await outcome(old)).toBe("accepted");
    expect(await outcome(old)).toBe("accepted");
  });

  test.each([
    ["HTTP 500", serve("{}", 500), /HTTP 500/],
    ["a redirect", redirect, /redirect/],
    ["no JSON", serve("<html>"), /not JSON/],
    ["a shared secret", serve('{"keys":[{"kty":"oct","kid":"s","k":"c2VjcmV0"}]}'), /shared secret/],
    ["more bytes than it may", serve(" ".repeat(262_145)), /larger than 262144 bytes/],
  ])("an answer of %s leaves the old keys in use and is logged", async (_, bad, reason) => {
    const { outcome, clock, log } = setUpUrl();
    expect(await outcome(old)).toBe("accepted");
    answer = bad;
    clock.pass(11 * minuteMs);
    expect(await outcome(old)).toBe("accepted");
    expect(log.lines).toMatchObject([{ level: "warn", details: { reason: expect.stringMatching(reason) } }]);
    expect(JSON.stringify(log.lines)).not.toContain("hidden");
  });

  test("a body that never ends is left at the time-out", async () => {
    const started = new Promise<void>((resolve) => {
      answer = (response) => {
        response.writeHead(200).write('{"keys":');
        resolve();
      };
    });
    const { outcome, clock } = setUpUrl();
    const refused = outcome(old);
    await started;
    clock.pass(3_000);
    expect(await refused).toEqual(unreadable);
  });

  test("a kid that the file knows costs no reading of the URL", async () => {
    const folder = mkdtempSync(`${tmpdir()}/pricelane-both-`);
    writeFileSync(`${folder}/jwks.json`, toJwks(next));
    const { outcome } = setUpUrl({ jwksFile: `${folder}/jwks.json` });
    rmSync(folder, { recursive: true });
    expect(await outcome(next)).toBe("accepted");
    expect(asked).toBe(0);
    expect(await outcome(old)).toBe("accepted");
    expect(asked).toBe(1);
  });

  test.each([
    ["ftp://id.example/jwks", /must begin with https/],
    ["https://user:pass@id.example/jwks", /must not carry a user or password/],
  ])("%s stops the start", (address, complaint) => {
    expect(() => setUp({ jwksUrl: new URL(address) })).toThrow(complaint);
  });

  test("plain http to another host starts with a warning, to this host and by https without", () => {
    const warnings = (address: string) => setUp({ jwksUrl: new URL(address) }).log.lines.map(({ level }) => level);
    expect(warnings("http://id.example/jwks")).toEqual(["warn"]);
    expect(warnings("http://localhost:8080/jwks")).toEqual([]);
    expect(warnings("https://id.example/jwks")).toEqual([]);
  });
});
