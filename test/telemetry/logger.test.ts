import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { ErpUnavailable } from "../../src/errors.js";
import { createLogger, type Logger, type LogLevel } from "../../src/telemetry/logger.js";

type Line = Record<string, unknown>;

function logTo(lines: Line[], level: LogLevel = "info"): Logger {
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(JSON.parse(chunk.toString()));
      done();
    },
  });
  return createLogger({ level, destination });
}

function logged(write: (logger: Logger) => void): { line: Line; text: string } {
  const lines: Line[] = [];
  write(logTo(lines));
  expect(lines).toHaveLength(1);
  return { line: lines[0]!, text: JSON.stringify(lines[0]) };
}

test("a line is a JSON object with an ISO instant, the level's name and the service", () => {
  const { line } = logged((logger) => logger.info({ port: 4000 }, "listening"));
  expect(line).toMatchObject({ level: "info", service: "pricelane", port: 4000, msg: "listening" });
  expect(line["time"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test("what lies below the level is not written", () => {
  const lines: Line[] = [];
  const logger = logTo(lines, "warn");
  logger.info("no");
  logger.warn("yes");
  expect(lines.map(({ msg }) => msg)).toEqual(["yes"]);
});

describe("no secret reaches the log", () => {
  const secret = "s3cr3t-value";
  const names = ["authorization", "Authorization", "token", "password", "secret", "cookie", "set-cookie", "apiKey"];
  const more = ["apikey", "x-api-key", "DOLAPIKEY", "accessToken", "AUTH_SECRETS"];

  test.each([...names, ...more])("under the name %s, at the top and two levels down", (name) => {
    for (const place of [
      { [name]: secret },
      { headers: { [name]: secret } },
      { request: { headers: { [name]: secret } } },
    ]) {
      const { text } = logged((logger) => logger.info(place, "asked"));
      expect(text).not.toContain(secret);
      expect(text).toContain("[redacted]");
    }
  });

  test("where one name has several values, or a number", () => {
    const several = { headers: { "set-cookie": [`a=${secret}]"`, secret] }, password: 31415926 };
    const { line, text } = logged((logger) => logger.info(several, "asked"));
    expect(text).not.toContain(secret);
    expect(line).toMatchObject({ headers: { "set-cookie": "[redacted]" }, password: "[redacted]", msg: "asked" });
  });

  test("in the bindings of a child logger", () => {
    const { text } = logged((logger) => logger.child({ erp: { token: secret } }).info("asked"));
    expect(text).not.toContain(secret);
  });

  test.each([
    `could not reach https://user:${secret}@erp.test:8069/api`,
    `could not reach https://user:p@${secret}@erp.test/api`,
    `could not reach https://erp.test/api?key=${secret}&x=1`,
    `sent Authorization: Bearer ${secret}`,
    `sent /items?token=${secret}`,
    `the ERP answered {"login": "x", "api_key": "${secret}"}`,
  ])("in a message: %s", (message) => {
    const direct = logged((logger) => logger.warn(message));
    const asError = logged((logger) => logger.warn(new ErpUnavailable(message)));
    const asCause = logged((logger) => logger.warn(new ErpUnavailable("no answer", { cause: new Error(message) })));
    for (const { text } of [direct, asError, asCause]) expect(text).not.toContain(secret);
  });

  test("in an address given as an object, whose host and path still stand", () => {
    const url = new URL(`https://user:${secret}@erp.test:8069/api?key=${secret}`);
    expect(logged((logger) => logger.info({ url }, "connector ready")).line["url"]).toBe("https://erp.test:8069/api");
  });

  test("while names that only resemble one keep their values", () => {
    const harmless = { maxDocumentTokens: 2000, tokenizer: "graphql", secretary: "Ada" };
    expect(logged((logger) => logger.info(harmless, "settings")).line).toMatchObject(harmless);
  });

  test("and what was logged is not changed for its owner", () => {
    const headers = { authorization: secret };
    logged((logger) => logger.info({ headers }, "asked"));
    expect(headers.authorization).toBe(secret);
  });
});

describe("an error's record", () => {
  test("of a foreseen error has code, message and the causes' messages, without a stack", () => {
    const cause = new Error("socket hang up", { cause: new Error("ECONNRESET") });
    const { line } = logged((logger) => logger.error(new ErpUnavailable("the ERP hung up", { cause })));
    expect(line["err"]).toEqual({
      type: "ErpUnavailable",
      code: "ERP_UNAVAILABLE",
      message: "the ERP hung up",
      cause: "socket hang up: ECONNRESET",
    });
  });

  test("of any other error has its stack, and nothing that hangs on it", () => {
    const error = Object.assign(new TypeError("boom"), { request: { body: "private" } });
    const { line, text } = logged((logger) => logger.error({ err: error }, "bug"));
    expect(line["err"]).toMatchObject({
      type: "TypeError",
      message: "boom",
      stack: expect.stringContaining("logger.test"),
    });
    expect(text).not.toContain("private");
  });

  test("names the code where a library's error has no message", () => {
    const cause = Object.assign(new AggregateError([], ""), { code: "ECONNREFUSED" });
    const { line } = logged((logger) => logger.error(new ErpUnavailable("no answer", { cause })));
    expect(line["err"]).toMatchObject({ cause: "ECONNREFUSED" });
  });

  test("ends where the causes go in a circle", () => {
    const error = new Error("a");
    error.cause = error;
    expect(logged((logger) => logger.error(error)).line["err"]).toMatchObject({ cause: "a: a: a: a" });
  });
});
