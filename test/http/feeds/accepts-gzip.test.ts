import { expect, test } from "vitest";
import { acceptsGzip } from "../../../src/http/feeds/accepts-gzip.js";

test.each([
  [undefined, false],
  ["", false],
  ["identity", false],
  ["br", false],
  ["gzip", true],
  ["GZIP", true],
  ["br, gzip", true],
  ["gzip;q=0.1", true],
  ["gzip; q=0", false],
  ["gzip;q=0.000, *", false],
  ["*", true],
  ["*;q=0", false],
  ["x-gzip", true],
  ["gzip;q=high", false],
])("Accept-Encoding %j takes gzip: %s", (header, accepts) => {
  expect(acceptsGzip(header)).toBe(accepts);
});
