import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { mintToken } from "../support/graphql-client.js";

const token = mintToken({ scope: "feed" });

/** Lines of a stream by what they are. */
export interface StreamLines {
  readonly items: readonly Record<string, unknown>[];
  readonly cursors: readonly { endCursor: string; hasNextPage: boolean; deltaCursor: string | null }[];
  readonly error: { code: string; retryAfterSeconds: number | null } | null;
}

/** Opens a stream; nothing of its body is read yet. */
export async function openStream(url: string): Promise<IncomingMessage> {
  const sent = request(url, { headers: { authorization: `Bearer ${token}` } }).end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  return response;
}

/**
 * What came of a body until it ended, broke, or was left.
 * @param leaveAfter bytes after which the reader hangs up
 */
export async function readStream(response: IncomingMessage, leaveAfter = Number.POSITIVE_INFINITY) {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isWhole = true;
  try {
    for await (const chunk of response) {
      chunks.push(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      if (bytes >= leaveAfter) break; // leaving the loop destroys the response
    }
  } catch {
    isWhole = false;
  }
  const text = Buffer.concat(chunks).toString("utf8").slice(0, leaveAfter);
  return { text, isWhole, trailers: response.trailers };
}

/** Reads complete lines; of a body that was cut, what a client may believe: the items before the last cursor. */
export function toLines(text: string): StreamLines {
  const lines = text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const end = lines.findLastIndex((line) => "endCursor" in line);
  const error = lines.find((line) => "error" in line)?.["error"] ?? null;
  return {
    items: lines.slice(0, Math.max(end, 0)).filter((line) => "sku" in line),
    cursors: lines.filter((line) => "endCursor" in line) as unknown as StreamLines["cursors"],
    error: error as StreamLines["error"],
  };
}
