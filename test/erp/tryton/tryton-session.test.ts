import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createErpHttpClient, type ErpHttpClient } from "../../../src/erp/http-client.js";
import { TrytonRefused } from "../../../src/erp/tryton/tryton-errors.js";
import { createTrytonSession, type TrytonSession } from "../../../src/erp/tryton/tryton-session.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import { type FakeAnswer, type FakeTryton, startFakeTryton } from "../../support/tryton-fake.js";
import { VirtualClock } from "../../support/virtual-clock.js";

let tryton: FakeTryton;
let http: ErpHttpClient;
let clock: VirtualClock;

beforeEach(async () => {
  tryton = await startFakeTryton();
  http = createErpHttpClient({ url: tryton.url, connections: 30, timeoutMs: 5000 });
  clock = new VirtualClock();
});

afterEach(async () => {
  await http.close();
  await tryton.stop();
});

function open(password = "right"): TrytonSession {
  return createTrytonSession({ http, database: "shop", user: "pricelane", password, timeoutMs: 1000, clock });
}

const call = (session: TrytonSession, signal = AbortSignal.timeout(5000)) => session.call("model.x.read", [{}], signal);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );

async function failureAt(answer: FakeAnswer): Promise<unknown> {
  tryton.answer = () => answer;
  return failureOf(call(open()));
}

describe("a session", () => {
  test("is opened once for all calls that come before it is open", async () => {
    const session = open();
    expect(await Promise.all([call(session), call(session), call(session)])).toEqual(Array(3).fill("answered"));
    expect(tryton.logins).toBe(1);
  });

  test("that Tryton ended is opened again once, by all calls that find it ended", async () => {
    const session = open();
    await call(session);
    tryton.endSessions();
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(session)));
    expect(answers).toEqual(Array(20).fill("answered"));
    expect(tryton.logins).toBe(2);
  });

  test("that ends again and again is not the caller's to wait for: one login more a call", async () => {
    const session = open();
    tryton.answer = () => ({ status: 401 });
    expect(await failureOf(call(session))).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
    expect(tryton.logins).toBe(2);
  });

  test("refused for its password is not tried again for a while, then is", async () => {
    const session = open("wrong-secret");
    const error = await failureOf(call(session));
    expect(error).toBeInstanceOf(ErpUnavailable);
    expect(error).toMatchObject({ countsAsFailure: false, message: expect.stringContaining("TRYTON_PASSWORD") });
    await clock.advance(9_999);
    expect(await failureOf(call(session))).toBe(error);
    expect(tryton.logins).toBe(1);
    tryton.password = "wrong-secret";
    await clock.advance(1);
    expect(await call(session)).toBe("answered");
  });

  test("that could not be opened since the server was busy is tried again by the next call", async () => {
    const session = open();
    tryton.answerLogin = () => ({ status: 503, headers: { "retry-after": "3" } });
    expect(await failureOf(call(session))).toMatchObject({ code: "ERP_OVERLOADED", retryAfterSeconds: 3 });
    tryton.answerLogin = null;
    expect(await call(session)).toBe("answered");
  });

  test("is still opened for the others when the call that began it is given up", async () => {
    const session = open();
    const impatient = new AbortController();
    const first = failureOf(call(session, impatient.signal));
    const second = call(session);
    impatient.abort();
    expect(await first).toBeInstanceOf(ErpTimeout);
    expect(await second).toBe("answered");
    expect(tryton.logins).toBe(1);
  });

  test("whose login hangs is given up at the time-out, and the next call tries anew", async () => {
    const session = open();
    let asked: () => void = () => undefined;
    const loginAsked = new Promise<void>((resolve) => {
      asked = resolve;
    });
    tryton.answerLogin = () => {
      asked();
      return "hang";
    };
    const failure = failureOf(call(session));
    await loginAsked;
    await clock.advance(1000);
    expect(await failure).toBeInstanceOf(ErpTimeout);
    tryton.answerLogin = null;
    expect(await call(session)).toBe("answered");
  });

  test("is ended in Tryton when it is closed", async () => {
    const session = open();
    await call(session);
    await session.close();
    expect(tryton.calls.at(-1)?.method).toBe("common.db.logout");
  });
});

describe("what Tryton answers", () => {
  test.each([
    ["403 for a method that is private", { status: 403, text: "<html>" }, ErpUnavailable, false],
    ["404", { status: 404, text: "<html>" }, ErpBadAnswer, false],
    ["429", { status: 429 }, ErpOverloaded, false],
    ["503", { status: 503 }, ErpOverloaded, true],
    ["500", { status: 500 }, ErpUnavailable, true],
    ["a page in place of JSON", { status: 200, text: "<html>Welcome</html>" }, ErpBadAnswer, false],
    ["JSON of another shape", { status: 200, text: "[1]" }, ErpBadAnswer, false],
    ["neither result nor error", { status: 200, text: '{"id":1}' }, ErpBadAnswer, false],
    ["a user error", { error: ["UserError", ["No rate found", "", null]] }, TrytonRefused, false],
    ["an unforeseen error", { error: ["'nofield'", "Traceback: secret"] }, TrytonRefused, false],
    ["an error of no known shape", { error: 5 }, TrytonRefused, false],
    ["a locked database", { error: ["database is locked", ""] }, ErpOverloaded, true],
  ] as const)("%s is told in our own words", async (_name, answer, kind, countsAsFailure) => {
    const error = await failureAt(answer);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ countsAsFailure });
  });

  test("says why in the message, without the traceback and on one line", async () => {
    expect(await failureAt({ error: ["UserError", ["No rate\nfound", "", null]] })).toMatchObject({
      message: "Tryton refuses the call: UserError: No rate found",
    });
    const unforeseen = await failureAt({ error: ["'nofield'", "Traceback: secret"] });
    expect(String(unforeseen)).toContain("'nofield'");
    expect(String(unforeseen)).not.toContain("Traceback");
  });

  test("never brings the password or the session's key into a message", async () => {
    const errors = [
      await failureAt({ status: 401 }),
      await failureAt({ status: 500 }),
      await failureOf(call(open("s3cret"))),
    ];
    expect(errors.map(String).join()).not.toMatch(/right|s3cret|key-/);
  });
});
