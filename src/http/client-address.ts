import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

/**
 * Whose word counts on where a request came from: that of nobody (0), of so many proxies that each add the address they saw
 * to X-Forwarded-For, or of the one that writes the header of this name, in lower case.
 */
export type TrustProxy = number | string;

/** What is looked at of a request. */
export type Origin = Pick<IncomingMessage, "headers"> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/**
 * The network that a request came from, for counting: an IPv4 address, or the first half of an IPv6 one. Where a trusted
 * header is missing or names no address, that is the socket's, which all clients of one proxy share: too strict rather
 * than free for all. @returns "" where the socket is gone
 */
export function clientNetwork({ headers, socket }: Origin, trusted: TrustProxy): string {
  const named = typeof trusted === "number" ? forwardedFor(headers, trusted) : headers[trusted]?.toString();
  return networkOf(named) ?? networkOf(socket.remoteAddress) ?? "";
}

/**
 * Each proxy adds the address it saw on the right, so what stands further left than there are proxies to trust was
 * written by the client.
 */
function forwardedFor(headers: IncomingMessage["headers"], hops: number): string | undefined {
  if (hops === 0) return undefined;
  const seen = headers["x-forwarded-for"]?.toString().split(",") ?? [];
  return seen[Math.max(seen.length - hops, 0)];
}

/** Null where it is no address. A port behind it, as some load balancers write, is passed over. */
export function networkOf(written: string | undefined): string | null {
  const [, bracketed, plain] = /^\s*(?:\[([^\]]*)\](?::\d+)?|([^,\s]+))\s*$/.exec(written ?? "") ?? [];
  const address = bracketed ?? plain?.replace(/^([\d.]+):\d+$/, "$1");
  if (address === undefined) return null;
  if (isIPv4(address)) return address;
  return isIPv6(address) ? networkOfIPv6(address) : null;
}

// One subscriber has a whole /64 to choose from, so by single addresses a budget would bind nobody.
function networkOfIPv6(address: string): string {
  const groups = groupsOf(address);
  const [a, b, c, d, e, f, high = 0, low = 0] = groups;
  const isMapped = f === 0xffff && [a, b, c, d, e].every((group) => group === 0);
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of a valid address. */
function groupsOf(address: string): number[] {
  // The URL parser writes the dotted form of the last two groups as hexadecimal; it knows no zones.
  const plain = new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = plain.split("::");
  const left = head.split(":").filter((group) => group !== "");
  const right = (tail ?? "").split(":").filter((group) => group !== "");
  const zeros = new Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].map((group) => Number.parseInt(group, 16));
}
