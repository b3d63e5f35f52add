import { describe, expect, test } from "vitest";
import {
  CustomerUnknown,
  ErpBadAnswer,
  ErpCursorLost,
  type ErpError,
  ErpKeepsNoChanges,
  ErpOverloaded,
  ErpTimeout,
  ErpUnavailable,
} from "../src/errors.js";

describe("what an error says of the ERP", () => {
  test.each<[string, ErpError, boolean]>([
    ["could not be asked", new ErpUnavailable("down"), true],
    ["refused us, or we it", new ErpUnavailable("401", { countsAsFailure: false }), false],
    ["did not answer in time", new ErpTimeout("late"), true],
    ["has too much to do", new ErpOverloaded("503", { countsAsFailure: true }), true],
    ["was spared by us", new ErpOverloaded("shed", { countsAsFailure: false }), false],
    ["said what cannot be used", new ErpBadAnswer("no JSON"), false],
    ["keeps no changes", new ErpKeepsNoChanges("404"), false],
    ["lost a cursor", new ErpCursorLost("410"), false],
  ])("one that %s counts as ill: %#", (_, error, isIll) => {
    expect(error.countsAsFailure).toBe(isIll);
  });

  test("one key is suspected only where the error was made saying so", () => {
    const innocent = [
      new ErpUnavailable("down"),
      new ErpTimeout("late"),
      new ErpOverloaded("503", { countsAsFailure: true }),
      new ErpBadAnswer("no JSON"),
    ];
    expect(innocent.map(({ mayBeOneKey }) => mayBeOneKey)).toEqual([false, false, false, false]);
    const suspicious = [
      new ErpUnavailable("500", { mayBeOneKey: true }),
      new ErpBadAnswer("422", null, { mayBeOneKey: true }),
    ];
    expect(suspicious.map(({ mayBeOneKey }) => mayBeOneKey)).toEqual([true, true]);
  });

  test("it passes in a second, unless somebody knows better; a bad answer does not pass by itself", () => {
    expect(new ErpUnavailable("down").retryAfterSeconds).toBe(1);
    expect(new ErpUnavailable("401", { retryAfterSeconds: 30 }).retryAfterSeconds).toBe(30);
    expect(new ErpTimeout("late").retryAfterSeconds).toBe(1);
    expect(new ErpOverloaded("shed", { countsAsFailure: false }).retryAfterSeconds).toBe(1);
    expect(new ErpBadAnswer("no JSON").retryAfterSeconds).toBeNull();
  });

  test("only a time that the ERP itself named holds back calls", () => {
    expect(new ErpOverloaded("503", { countsAsFailure: true }).holdSeconds).toBeNull();
    const named = new ErpOverloaded("503", { countsAsFailure: true, retryAfterSeconds: 7 });
    expect([named.holdSeconds, named.retryAfterSeconds]).toEqual([7, 7]);
  });

  test("the cause and the status stay with the error, for the log", () => {
    const cause = new Error("ECONNREFUSED");
    expect(new ErpUnavailable("down", { cause }).cause).toBe(cause);
    expect(new ErpTimeout("late", cause).cause).toBe(cause);
    const bad = new ErpBadAnswer("400", cause, { status: 400 });
    expect([bad.cause, bad.status, new ErpBadAnswer("no JSON").status]).toEqual([cause, 400, null]);
  });

  test("clients read what happened, and neither the host nor the reason", () => {
    const errors = [
      new ErpUnavailable("erp.internal"),
      new ErpTimeout("erp.internal"),
      new ErpOverloaded("erp.internal", { countsAsFailure: true }),
      new ErpBadAnswer("erp.internal"),
    ];
    expect(errors.map(({ code, clientMessage }) => [code, clientMessage])).toEqual([
      ["ERP_UNAVAILABLE", "The ERP cannot be asked at present."],
      ["ERP_TIMEOUT", "The ERP did not answer in time."],
      ["ERP_OVERLOADED", "The ERP has more to do than it can bear at present."],
      ["ERP_BAD_ANSWER", "The ERP gave an answer that cannot be used."],
    ]);
  });
});

test("a customer that the ERP does not know is named in the log, and not to the client", () => {
  const error = new CustomerUnknown("C\n1");
  expect([error.code, error.message]).toEqual(["CUSTOMER_UNKNOWN", 'the ERP knows no customer "C\\n1"']);
  expect(error.clientMessage).toMatch(/^The ERP knows no customer/);
  expect(error.clientMessage).not.toContain("C\n1");
});
