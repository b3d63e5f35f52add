import { describe, expect, test } from "vitest";
import { createDatabase } from "../../../src/erp/sql/sql-database.js";
import type { SqlConnection, SqlEngine, SqlResult } from "../../../src/erp/sql/sql-engine.js";
import { ErpTimeout, ErpUnavailable } from "../../../src/errors.js";
import { VirtualClock } from "../../support/virtual-clock.js";

/** A connection whose every step can be held up, and which writes down what is done to it. */
class FakeConnection implements SqlConnection {
  readonly done: string[] = [];
  fail: (error: Error) => void = () => {};
  cancels = true;
  /** Whether what is on its way is told that the socket is gone. */
  tellsOfEnd = true;

  async begin() {
    this.done.push("begin");
  }
  run(): Promise<SqlResult> {
    this.done.push("run");
    return new Promise((_, reject) => {
      this.fail = reject;
    });
  }
  async end() {
    this.done.push("end");
  }
  async cancel() {
    this.done.push("cancel");
    if (this.cancels) this.fail(new Error("cancelled at the server"));
  }
  release() {
    this.done.push("release");
  }
  destroy() {
    this.done.push("destroy");
    if (this.tellsOfEnd) this.fail(new Error("the socket is destroyed"));
  }
}

function engineOf(connect: () => Promise<SqlConnection>): SqlEngine {
  return {
    dialect: "postgresql",
    style: { lists: "array", reuses: true, mark: (position) => `$${position}` },
    connect,
    toError: (error) => new ErpUnavailable((error as Error).message),
    close: async () => {},
  };
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

describe("a call that nobody waits for any more", () => {
  test("is cancelled at the server, and its connection is used by nobody else, whom the cancelling could reach", async () => {
    const connection = new FakeConnection();
    const leaving = new AbortController();
    const read = createDatabase(
      engineOf(async () => connection),
      new VirtualClock(),
    ).ping(leaving.signal);
    await turns();
    leaving.abort();
    await expect(read).rejects.toBeInstanceOf(ErpTimeout);
    expect(connection.done).toEqual(["begin", "run", "cancel", "destroy"]);
  });

  test("loses its socket where the server does not stop within a second, and not before", async () => {
    const clock = new VirtualClock();
    const connection = new FakeConnection();
    connection.cancels = false;
    const leaving = new AbortController();
    const read = createDatabase(
      engineOf(async () => connection),
      clock,
    ).ping(leaving.signal);
    const outcome = read.catch((error: unknown) => error);
    await turns();
    leaving.abort();
    await clock.advance(999);
    expect(connection.done).not.toContain("destroy");
    await clock.advance(1);
    expect(await outcome).toBeInstanceOf(ErpTimeout);
    expect(connection.done).toContain("destroy");
  });

  test("ends even where the driver never tells what became of its query", async () => {
    const clock = new VirtualClock();
    const connection = Object.assign(new FakeConnection(), { cancels: false, tellsOfEnd: false });
    const leaving = new AbortController();
    const read = createDatabase(
      engineOf(async () => connection),
      clock,
    ).ping(leaving.signal);
    const outcome = read.catch((error: unknown) => error);
    await turns();
    leaving.abort();
    await clock.advance(1_000);
    expect(await outcome).toBeInstanceOf(ErpTimeout);
  });

  test("that still waited for a connection leaves it to the next one", async () => {
    let arrive: (connection: SqlConnection) => void = () => {};
    const coming = new Promise<SqlConnection>((resolve) => {
      arrive = resolve;
    });
    const leaving = new AbortController();
    const read = createDatabase(
      engineOf(() => coming),
      new VirtualClock(),
    ).ping(leaving.signal);
    leaving.abort();
    await expect(read).rejects.toBeInstanceOf(ErpTimeout);
    const late = new FakeConnection();
    arrive(late);
    await turns();
    expect(late.done).toEqual(["release"]);
  });
});

test("a query that fails leaves its connection in order, for the next one", async () => {
  const connection = new FakeConnection();
  const read = createDatabase(
    engineOf(async () => connection),
    new VirtualClock(),
  ).ping(AbortSignal.timeout(9_999));
  await turns();
  connection.fail(new Error("no such table"));
  await expect(read).rejects.toThrow("no such table");
  expect(connection.done).toEqual(["begin", "run", "end", "release"]);
});

test("a mistake of our own is not taken for the database's", async () => {
  const database = createDatabase(
    engineOf(async () => new FakeConnection()),
    new VirtualClock(),
  );
  const read = database.read(async () => {
    throw new TypeError("a bug");
  }, AbortSignal.timeout(9_999));
  await expect(read).rejects.toBeInstanceOf(TypeError);
});
