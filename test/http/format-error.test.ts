import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError, locatedError } from "graphql";
import { describe, expect, test } from "vitest";
import {
  BadUserInput,
  CustomerUnknown,
  ErpBadAnswer,
  ErpOverloaded,
  ErpTimeout,
  ErpUnavailable,
  errorCodes,
  Forbidden,
  type GatewayError,
  GatewayStopping,
  RateLimited,
  Unauthenticated,
} from "../../src/errors.js";
import { formatErrorFor, toGraphQLError } from "../../src/http/format-error.js";

const all: GatewayError[] = [
  new Unauthenticated("The token has expired."),
  new Forbidden("The token lacks the scope `ops`."),
  new BadUserInput("`skus` is empty."),
  new RateLimited(3),
  new CustomerUnknown("C-secret"),
  new ErpUnavailable("connect ECONNREFUSED 10.0.0.7:8069"),
  new ErpTimeout("10.0.0.7 kept silent"),
  new ErpOverloaded("10.0.0.7 said 503", { countsAsFailure: true, retryAfterSeconds: 7 }),
  new ErpBadAnswer("row 17 of 10.0.0.7"),
  new GatewayStopping(),
];

const place = { locations: [{ line: 1, column: 2 }], path: ["product", "price"] };

/** As Apollo hands it over: an error of a resolver, located, and its first formatting. */
function format(error: Error | GraphQLError, extensions: Record<string, unknown> = {}) {
  const bugs: unknown[] = [];
  const located = error instanceof GraphQLError ? error : locatedError(error, undefined, ["product", "price"]);
  const formatted: GraphQLFormattedError = { ...place, message: error.message, extensions };
  return { told: formatErrorFor((bug) => bugs.push(bug))(formatted, located), bugs };
}

describe("what a client is told of an error", () => {
  test("every code has its case here", () => {
    expect([...all.map(({ code }) => code)].sort()).toEqual([...errorCodes].sort());
  });

  test.each(all.map((error) => [error.code, error] as const))(
    "%s goes out by its code and client message",
    (code, error) => {
      const { told, bugs } = format(error, { code: "INTERNAL_SERVER_ERROR", stacktrace: ["at 10.0.0.7"] });
      const { retryAfterSeconds } = error;
      expect(told).toEqual({
        ...place,
        message: error.clientMessage,
        extensions: retryAfterSeconds === null ? { code } : { code, retryAfterSeconds },
      });
      expect(bugs).toEqual([]);
    },
  );

  test("no host, no row and no other customer's code reaches a client", () => {
    for (const error of all.slice(3))
      expect(JSON.stringify(format(error).told)).not.toMatch(/10\.0\.0\.7|row 17|C-secret/);
  });

  test("those that pass by themselves say when to ask again, the others do not", () => {
    const waits = all.map(({ code, retryAfterSeconds }) => [code, retryAfterSeconds]);
    expect(Object.fromEntries(waits)).toEqual({
      UNAUTHENTICATED: null,
      FORBIDDEN: null,
      BAD_USER_INPUT: null,
      RATE_LIMITED: 3,
      CUSTOMER_UNKNOWN: null,
      ERP_UNAVAILABLE: 1,
      ERP_TIMEOUT: 1,
      ERP_OVERLOADED: 7,
      ERP_BAD_ANSWER: null,
      GATEWAY_STOPPING: 5,
    });
  });

  test("a bug is masked, and handed over whole for the log", () => {
    const bug = new TypeError("cannot read properties of undefined (10.0.0.7)");
    const { told, bugs } = format(bug, { code: "INTERNAL_SERVER_ERROR", stacktrace: ["at 10.0.0.7"], more: 1 });
    expect(told).toEqual({
      ...place,
      message: "Something went wrong on our side.",
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    });
    expect(bugs).toEqual([bug]);
  });

  test("a bug that claims a code of Apollo's or of none is masked too", () => {
    for (const code of ["SOMETHING_ELSE", undefined]) {
      expect(format(new GraphQLError("x"), { code }).told.extensions).toEqual({ code: "INTERNAL_SERVER_ERROR" });
    }
  });

  test("a bug without a place in the document has none in the answer", () => {
    const told = formatErrorFor(() => {})({ message: "x" }, new Error("x"));
    expect(Object.keys(told).sort()).toEqual(["extensions", "message"]);
  });

  test.each([
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "PERSISTED_QUERY_NOT_FOUND",
    "OPERATION_RESOLUTION_FAILURE",
    "BAD_REQUEST",
  ])("Apollo's own %s goes out as it is", (code) => {
    const { told, bugs } = format(new GraphQLError("Syntax Error"), { code, more: "of Apollo's" });
    expect(told).toEqual({ ...place, message: "Syntax Error", extensions: { code, more: "of Apollo's" } });
    expect(bugs).toEqual([]);
  });

  test("what a scalar or a limit of ours found is bad input, whatever Apollo files it under", () => {
    const ours = new GraphQLError("Decimal should be …", { extensions: { code: "BAD_USER_INPUT" } });
    const wrapped = new GraphQLError("Variable got invalid value", { originalError: ours });
    for (const error of [ours, wrapped]) {
      const { told } = format(error, { code: "GRAPHQL_VALIDATION_FAILED", stacktrace: [] });
      expect(told).toEqual({ ...place, message: error.message, extensions: { code: "BAD_USER_INPUT" } });
    }
  });

  test("refused before execution, an error carries the HTTP status and headers that belong to it", () => {
    const headers = new Map([["www-authenticate", "Bearer"]]);
    const error = toGraphQLError(new Unauthenticated("The token has expired."), { status: 401, headers });
    expect(error.message).toBe("The token has expired.");
    expect(error.extensions).toEqual({ code: "UNAUTHENTICATED", http: { status: 401, headers } });
    expect(unwrapResolverError(error)).toBe(error);
  });
});
