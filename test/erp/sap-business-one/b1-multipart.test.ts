import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseBatch, serializeBatch } from "../../../src/erp/sap-business-one/b1-multipart.js";

const type = "multipart/mixed;boundary=batchresponse_1";

function answer(...parts: readonly [status: number, text: string][]): string {
  const told = parts.map(
    ([status, text]) =>
      `--batchresponse_1\r\nContent-Type:application/http\r\nContent-Transfer-Encoding:binary\r\n\r\nHTTP/1.1 ${status} OK\r\nContent-Length:${text.length}\r\n\r\n${text}\r\n`,
  );
  return `${told.join("")}--batchresponse_1--\r\n`;
}

describe("a batch that is written", () => {
  test("is what RFC 2046 and SAP's manual say, byte by byte", () => {
    const parts = [
      { method: "GET", path: "/b1s/v2/Items('A')?$select=ItemCode", headers: { Prefer: "odata.maxpagesize=0" } },
      { method: "POST", path: "/b1s/v2/CompanyService_GetItemPrice", json: '{"a":"é"}' },
    ] as const;
    expect(serializeBatch(parts, "batch_1", "sap.example:50000").split("\r\n")).toEqual([
      "--batch_1",
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "",
      "GET /b1s/v2/Items('A')?$select=ItemCode HTTP/1.1",
      "Host: sap.example:50000",
      "Prefer: odata.maxpagesize=0",
      "",
      "",
      "--batch_1",
      "Content-Type: application/http",
      "Content-Transfer-Encoding: binary",
      "",
      "POST /b1s/v2/CompanyService_GetItemPrice HTTP/1.1",
      "Host: sap.example:50000",
      "Content-Type: application/json",
      "Content-Length: 10",
      "",
      '{"a":"é"}',
      "--batch_1--",
      "",
    ]);
  });
});

describe("a batch's answer that is read", () => {
  test("has a status and a text for each part, in their order", () => {
    expect(parseBatch(answer([200, '{\n "a": 1\r\n}'], [400, ""], [200, "{}"]), type)).toEqual([
      { status: 200, text: '{\n "a": 1\r\n}' },
      { status: 400, text: "" },
      { status: 200, text: "{}" },
    ]);
  });

  test.each([
    ['multipart/mixed; boundary="batchresponse_1"', answer([200, "{}"])],
    ["Multipart/Mixed; charset=utf-8; boundary=batchresponse_1", answer([200, "{}"])],
    [type, answer([200, "{}"]).replaceAll("\r\n", "\n")],
    [type, `what stands before\r\n${answer([200, "{}"])}what stands behind`],
    [type, answer([200, "{}"]).replaceAll("--batchresponse_1\r\n", "--batchresponse_1  \r\n")],
  ])("is understood as %j has it", (contentType, text) => {
    expect(parseBatch(text, contentType)).toEqual([{ status: 200, text: "{}" }]);
  });

  test.each([
    ["cut off", type, answer([200, "{}"], [200, "{}"]).slice(0, -30)],
    ["cut off in a part's head", type, answer([200, "{}"]).slice(0, 60)],
    ["empty", type, ""],
    ["another type", "application/json", "{}"],
    ["without a boundary", "multipart/mixed", answer([200, "{}"])],
    ["of another boundary", "multipart/mixed;boundary=other", answer([200, "{}"])],
    ["without a status", type, "--batchresponse_1\r\n\r\nnothing\r\n--batchresponse_1--\r\n"],
  ])("is an error where it is %s", (_, contentType, text) => {
    expect(() => parseBatch(text, contentType)).toThrow(/batch's answer/);
  });

  test("is the same JSON that was told, whatever texts are in it, boundaries and statuses among them", () => {
    const tricky = fc.constantFrom("--batchresponse_1--", "\r\n--batchresponse_1\r\n", "HTTP/1.1 500 Bad", "é€\u2028");
    const value = fc.array(fc.oneof(fc.string(), tricky, fc.double({ noNaN: true, noDefaultInfinity: true })));
    const part = fc.tuple(fc.integer({ min: 100, max: 599 }), value, fc.constantFrom(0, 3));
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const texts = parts.map(([status, told, indent]) => [status, JSON.stringify(told, null, indent)] as const);
        const read = parseBatch(answer(...texts.map(([status, text]): [number, string] => [status, text])), type);
        expect(read).toEqual(texts.map(([status, text]) => ({ status, text })));
      }),
    );
  });
});
