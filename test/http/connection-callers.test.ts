import { expect, test } from "vitest";
import { ConnectionCallers } from "../../src/http/connection-callers.js";
import { customerCaller } from "../support/samples.js";
import { VirtualClock } from "../support/virtual-clock.js";

const header = "Bearer one";
const caller = customerCaller("C1");

function setUp() {
  const clock = new VirtualClock(10_000);
  const callers = new ConnectionCallers(clock);
  const connection = {};
  callers.remember(connection, header, { caller, since: 10_000, until: 20_000 });
  return { clock, callers, connection };
}

test("the same header on the same connection is the same caller, until its token ends", async () => {
  const { clock, callers, connection } = setUp();
  expect(callers.recall(connection, header)).toBe(caller);
  await clock.advance(9_999);
  expect(callers.recall(connection, header)).toBe(caller);
  await clock.advance(1);
  expect(callers.recall(connection, header)).toBeNull();
});

test.each(["Bearer two", "Bearer on", "Bearer one ", "", "bearer one", "Bearer \u0000ne"])(
  "another header, %j, is nobody yet",
  (other) => {
    const { callers, connection } = setUp();
    expect(callers.recall(connection, other)).toBeNull();
  },
);

test("another connection knows nobody, and a later caller takes the place of the one before", () => {
  const { callers, connection } = setUp();
  expect(callers.recall({}, header)).toBeNull();
  const other = customerCaller("C2");
  callers.remember(connection, "Bearer two", { caller: other, since: 10_000, until: 20_000 });
  expect(callers.recall(connection, "Bearer two")).toBe(other);
  expect(callers.recall(connection, header)).toBeNull();
});

test("a token is not believed by a clock that was set back behind its verification", () => {
  const { callers, connection } = setUp();
  callers.remember(connection, header, { caller, since: 10_001, until: 20_000 });
  expect(callers.recall(connection, header)).toBeNull();
});
