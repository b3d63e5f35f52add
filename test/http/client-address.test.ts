import { describe, expect, test } from "vitest";
import { clientNetwork, networkOf, type TrustProxy } from "../../src/http/client-address.js";

function from(trusted: TrustProxy, headers: Record<string, string>, remoteAddress: string | undefined = "10.0.0.1") {
  return clientNetwork({ headers, socket: { remoteAddress } }, trusted);
}

const spoofed = {
  "x-forwarded-for": "9.9.9.9",
  "cf-connecting-ip": "9.9.9.9",
  "x-real-ip": "9.9.9.9",
  forwarded: "for=9.9.9.9",
};

describe("where a request came from", () => {
  test("is the connection's own address where nobody is trusted, whatever the headers say", () => {
    expect(from(0, spoofed)).toBe("10.0.0.1");
  });

  test.each([
    [1, "9.9.9.9, 8.8.8.8, 1.2.3.4", "1.2.3.4"],
    [2, "9.9.9.9, 1.2.3.4, 10.0.0.2", "1.2.3.4"],
    [3, "1.2.3.4, 10.0.0.3, 10.0.0.2", "1.2.3.4"],
    [1, "1.2.3.4", "1.2.3.4"],
    [1, " 1.2.3.4 ", "1.2.3.4"],
  ])(
    "behind %d proxies it is what the outermost of them saw in %j: whatever the client wrote stands further left",
    (hops, list, client) => {
      expect(from(hops, { ...spoofed, "x-forwarded-for": list })).toBe(client);
    },
  );

  test("is the farthest address told where there are fewer than proxies", () => {
    expect(from(3, { "x-forwarded-for": "1.2.3.4, 10.0.0.2" })).toBe("1.2.3.4");
  });

  test("is what the trusted header holds, whatever stands in the others", () => {
    expect(from("cf-connecting-ip", { ...spoofed, "cf-connecting-ip": "1.2.3.4" })).toBe("1.2.3.4");
  });

  test.each([
    [1, {}],
    [1, { "x-forwarded-for": "" }],
    [1, { "x-forwarded-for": "9.9.9.9, unknown" }],
    [1, { "x-forwarded-for": "9.9.9.9," }],
    ["cf-connecting-ip", { "x-forwarded-for": "9.9.9.9" }],
    ["cf-connecting-ip", { "cf-connecting-ip": "9.9.9.9, 1.2.3.4" }],
    ["cf-connecting-ip", { "cf-connecting-ip": "x".repeat(10_000) }],
  ] as [TrustProxy, Record<string, string>][])(
    "is the connection's where %j is trusted and says %j",
    (trusted, headers) => {
      expect(from(trusted, headers)).toBe("10.0.0.1");
    },
  );

  test("is nowhere in particular once the socket is gone", () => {
    expect(clientNetwork({ headers: {}, socket: { remoteAddress: undefined } }, 0)).toBe("");
  });
});

describe("an address", () => {
  test.each([
    ["1.2.3.4", "1.2.3.4"],
    ["1.2.3.4:5678", "1.2.3.4"],
    ["::ffff:1.2.3.4", "1.2.3.4"],
    ["::FFFF:102:304", "1.2.3.4"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::9]:443", "2001:db8:1:2::/64"],
    ["[2001:db8:1:2::9]", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["2001:db8::", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["1::2:3:4:5:6:7", "1:0:2:3::/64"],
    ["64:ff9b::1.2.3.4", "64:ff9b:0:0::/64"],
  ])("%s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test("the addresses of one IPv6 network are one, those of the next another", () => {
    expect(networkOf("2001:db8::1")).toBe(networkOf("2001:db8::ffff:ffff:ffff:ffff"));
    expect(networkOf("2001:db8::1")).not.toBe(networkOf("2001:db8:0:1::1"));
  });

  test.each([
    "",
    " ",
    "unknown",
    "_hidden",
    "1.2.3",
    "1.2.3.4.5",
    "256.1.1.1",
    "01.2.3.4",
    "1.2.3.4 5.6.7.8",
    "[1.2.3.4",
    "2001:db8::1::2",
    "12345::",
    "example.com",
    undefined,
  ])("%j is none", (text) => {
    expect(networkOf(text)).toBeNull();
  });
});
