import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createErpHttpClient, type ErpHttpClient } from "../../../src/erp/http-client.js";
import { OdooForbids, OdooRefused } from "../../../src/erp/odoo/odoo-errors.js";
import { createOdooSession, type OdooSession, type OdooSessionOptions } from "../../../src/erp/odoo/odoo-session.js";
import { ErpBadAnswer, ErpOverloaded, ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import { type FakeOdoo, fakeDatabase, fakeUser, startFakeOdoo } from "../../support/odoo-fake.js";
import type { Reply } from "../../support/odoo-replies.js";
import { VirtualClock } from "../../support/virtual-clock.js";

let odoo: FakeOdoo;
let http: ErpHttpClient;
let clock: VirtualClock;
let said: { level: string; fields: object; message: string }[];

async function start(version: string): Promise<void> {
  odoo = await startFakeOdoo(version);
  http = createErpHttpClient({ url: odoo.url, connections: 30, timeoutMs: 5000 });
}

beforeEach(() => {
  clock = new VirtualClock();
  said = [];
});

afterEach(async () => {
  await http.close();
  await odoo.stop();
});

function open(options: Partial<OdooSessionOptions> = {}): OdooSession {
  const note = (level: string) => (fields: object, message: string) => said.push({ level, fields, message });
  const log = { info: note("info"), warn: note("warn") } as unknown as OdooSessionOptions["log"];
  const credential = { database: fakeDatabase, user: fakeUser, key: "right-key" };
  return createOdooSession({ http, clock, timeoutMs: 1000, log, ...credential, ...options });
}

const read = { model: "res.currency", method: "search_read", params: { domain: [], fields: ["name"] }, context: {} };
const call = (session: OdooSession, signal = AbortSignal.timeout(5000)) => session.call(read, signal);
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "no failure",
    (error: unknown) => error,
  );

async function failureAt(reply: Reply): Promise<unknown> {
  odoo.intercept = (asked) => (asked === null ? undefined : reply);
  return failureOf(call(open()));
}

describe.each(["16.0", "17.0+e", "18.0-20260101", "saas~18.3", "19.0"])("an Odoo %s", (version) => {
  beforeEach(() => start(version));

  test("answers as its version speaks, and the version is said", async () => {
    const session = open();
    expect(await call(session)).toEqual([
      { id: 1, name: "EUR" },
      { id: 2, name: "USD" },
    ]);
    expect(await session.readUser(AbortSignal.timeout(5000))).toBe(7);
    const api = version === "19.0" ? "json-2" : "jsonrpc";
    expect(said).toEqual([{ level: "info", fields: { version, api }, message: "this is the Odoo that is asked" }]);
  });

  test("is found out and logged in to once, for all calls that come before that is done", async () => {
    const session = open();
    await Promise.all([call(session), call(session), call(session)]);
    expect(odoo.calls.filter(({ method }) => method === "search_read")).toHaveLength(3);
    // On 19 each call shows its key; before, there is one login.
    expect(odoo.logins).toBe(version === "19.0" ? 4 : 1);
  });

  test("whose key is refused says so, is not asked again for a while, and then is", async () => {
    const session = open({ key: "s3cret-key" });
    const error = await failureOf(call(session));
    expect(error).toBeInstanceOf(ErpUnavailable);
    expect(error).toMatchObject({ countsAsFailure: false, message: expect.stringContaining("ODOO_API_KEY") });
    expect(String(error)).not.toContain("s3cret");
    const { logins } = odoo;
    await clock.advance(9_999);
    expect(await failureOf(call(session))).toBe(error);
    expect(odoo.logins).toBe(logins);
    odoo.key = "s3cret-key";
    await clock.advance(1);
    expect(await call(session)).toHaveLength(2);
  });

  test("whose key ends while it is asked says so as well", async () => {
    const session = open();
    await call(session);
    odoo.key = "another";
    expect(await failureOf(call(session))).toMatchObject({ message: expect.stringContaining("keys end") });
    odoo.key = "right-key";
    await clock.advance(10_000);
    expect(await call(session)).toHaveLength(2);
  });

  test("that does not serve the database says which settings to check", async () => {
    const error = await failureOf(call(open({ database: "elsewhere" })));
    expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false });
    expect(String(error)).toContain("ODOO_DATABASE");
  });

  test("tells in our own words what its user may not read, and how to mend it", async () => {
    odoo.forbidden.add("res.currency");
    const error = await failureOf(call(open()));
    expect(error).toBeInstanceOf(OdooForbids);
    expect(error).toMatchObject({ code: "ERP_UNAVAILABLE", countsAsFailure: false, retryAfterSeconds: 30 });
    expect(String(error)).toMatch(/res\.currency\.search_read: give its group the read access on res\.currency/);
    expect(String(error)).not.toContain("\n");
  });

  test("that runs a call and says no may be asked for less", async () => {
    const wrong = { ...read, params: { domain: [], fields: ["no_such_field"] } };
    const error = await failureOf(open().call(wrong, AbortSignal.timeout(5000)));
    expect(error).toBeInstanceOf(OdooRefused);
    expect(error).toMatchObject({ code: "ERP_BAD_ANSWER", mayBeOneKey: true, countsAsFailure: false });
    expect(String(error)).toContain("res.currency.search_read: builtins.ValueError: Invalid field");
    expect(JSON.stringify(error) + String(error)).not.toMatch(/Traceback|secret-path/);
  });

  test("that takes long to wake is waited for beyond the first caller's patience", async () => {
    let wake: () => void = () => undefined;
    const awake = new Promise<undefined>((resolve) => {
      wake = () => resolve(undefined);
    });
    odoo.intercept = (asked) => (asked === null || asked.method === "context_get" ? awake : undefined);
    const session = open({ timeoutMs: 20_000 });
    const impatient = new AbortController();
    const first = failureOf(call(session, impatient.signal));
    impatient.abort();
    expect(await first).toBeInstanceOf(ErpTimeout);
    const second = call(session);
    wake();
    expect(await second).toHaveLength(2);
  });
});

describe("an Odoo that changes", () => {
  test("from 18 to 19 is asked in the new way from then on, and that is said", async () => {
    await start("18.0");
    const session = open();
    await call(session);
    odoo.version = "19.0";
    odoo.hasNoJsonRpc = true;
    // The old way is gone: the call that finds out fails, the next one goes the new way.
    expect(await failureOf(call(session))).toBeInstanceOf(ErpBadAnswer);
    expect(await call(session)).toHaveLength(2);
    expect(said.at(-1)).toEqual({
      level: "warn",
      fields: { version: "19.0", before: "18.0", api: "json-2" },
      message: "Odoo's version has changed",
    });
  });

  test("is noticed where nothing fails, too, when its version is read anew", async () => {
    await start("18.0");
    const session = open();
    await call(session);
    odoo.version = "19.0";
    expect(await session.readVersion(AbortSignal.timeout(5000))).toMatchObject({ major: 19, api: "json-2" });
    await call(session);
    expect(odoo.calls.at(-2)).toMatchObject({ method: "context_get" });
    expect(said.map(({ level }) => level)).toEqual(["info", "warn"]);
  });

  test("tells its own clock", async () => {
    await start("18.0");
    odoo.now = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(await open().readTime(AbortSignal.timeout(5000))).toBe(odoo.now);
  });
});

describe("settings that do not fit", () => {
  test("before 19 a user is needed beside the key", async () => {
    await start("18.0");
    expect(await failureOf(call(open({ user: null })))).toMatchObject({
      code: "ERP_UNAVAILABLE",
      message: expect.stringContaining("ODOO_USER is missing"),
    });
    odoo.version = "19.0";
    expect(await call(open({ user: null }))).toHaveLength(2);
  });

  test("an Odoo that is too old is refused by its version", async () => {
    await start("15.0");
    expect(await failureOf(call(open()))).toMatchObject({ message: expect.stringMatching(/Odoo 15\.0.*16 and newer/) });
  });

  test("an address where no Odoo answers is named", async () => {
    await start("18.0");
    odoo.hasNoJsonRpc = true;
    expect(await failureOf(call(open()))).toMatchObject({ message: expect.stringContaining("ERP_URL") });
    odoo.hasNoJsonRpc = false;
    odoo.intercept = () => ({ status: 200, text: "<html>Welcome</html>" });
    expect(await failureOf(call(open()))).toMatchObject({ message: expect.stringContaining("ERP_URL") });
  });
});

describe("what Odoo or a proxy before it answers", () => {
  const rpc = (name: string, message = "m") => ({
    status: 200,
    body: { error: { message: "Odoo Server Error", data: { name, message } } },
  });

  test.each([
    ["a user error", rpc("odoo.exceptions.UserError"), OdooRefused, false],
    ["a missing record", rpc("odoo.exceptions.MissingError"), OdooRefused, false],
    ["an error of no known shape", { status: 200, body: { error: { message: "m" } } }, OdooRefused, false],
    ["two transactions in each other's way", rpc("psycopg2.errors.SerializationFailure"), ErpOverloaded, true],
    ["no free connection", rpc("odoo.sql_db.PoolError"), ErpOverloaded, true],
    ["a number out of range", rpc("psycopg2.errors.NumericValueOutOfRange"), OdooRefused, false],
    ["403 of a proxy", { status: 403, text: "<html>" }, ErpUnavailable, false],
    ["429", { status: 429, text: "" }, ErpOverloaded, false],
    ["502", { status: 502, text: "<html>" }, ErpUnavailable, true],
    ["503", { status: 503, text: "" }, ErpOverloaded, true],
    ["a page in place of JSON", { status: 200, text: "<html>" }, ErpBadAnswer, false],
    ["JSON of another shape", { status: 200, text: "[1]" }, ErpBadAnswer, false],
  ] as const)("%s is told in our own words on 18", async (_name, reply, kind, countsAsFailure) => {
    await start("18.0");
    const error = await failureAt(reply);
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ countsAsFailure });
  });

  test.each([
    [
      "422 of a user error",
      { status: 422, body: { name: "odoo.exceptions.UserError", message: "m" } },
      OdooRefused,
      false,
    ],
    [
      "403 of a right",
      { status: 403, body: { name: "odoo.exceptions.AccessError", message: "m" } },
      OdooForbids,
      false,
    ],
    ["500 of a bad field", { status: 500, body: { name: "builtins.ValueError", message: "m" } }, OdooRefused, false],
    ["500 without a word", { status: 500, text: "<html>" }, ErpUnavailable, true],
    ["429", { status: 429, body: { name: "x", message: "m" } }, ErpOverloaded, false],
    ["503", { status: 503, text: "" }, ErpOverloaded, true],
    ["a page in place of JSON", { status: 200, text: "<html>" }, ErpBadAnswer, false],
  ] as const)("%s is told in our own words on 19", async (_name, reply, kind, countsAsFailure) => {
    await start("19.0");
    const session = open();
    await call(session);
    odoo.intercept = (asked) => (asked === null ? undefined : reply);
    const error = await failureOf(call(session));
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ countsAsFailure });
  });
});
