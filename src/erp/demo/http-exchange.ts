import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { badRequest, PortProblem } from "./problem.js";

/** What goes out. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** The largest request body. 500 price lines take about 0.1 MB. */
export const maxBodyBytes = 1024 * 1024;

export function jsonReply(body: unknown): Reply {
  return { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, text: JSON.stringify(body) };
}

export function problemReply({ status, title, detail, headers }: PortProblem): Reply {
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    text: JSON.stringify({ title, detail, status }),
  };
}

export function send(response: ServerResponse, { status, headers, text }: Reply): void {
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
  response.end(text);
}

/** @throws {PortProblem} 401 unless the request carries the token. @param token null: everybody may ask */
export function checkToken(request: IncomingMessage, token: string | null): void {
  if (token === null) return;
  const [, given = ""] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  // Digests have one length, so the comparison takes as long for any token.
  if (timingSafeEqual(digest(given), digest(token))) return;
  const detail = "send the token that this ERP was started with: Authorization: Bearer <token>";
  throw new PortProblem(401, "Unauthorized", detail, { "www-authenticate": "Bearer" });
}

/** @throws {PortProblem} 400 where the body is no JSON, 413 where it is too large. Rejects with {@link callerLeft} where it never comes. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const text = await readText(request);
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("the body is not JSON");
  }
}

function readText(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBodyBytes) chunks.push(chunk);
      else if (bytes > 16 * maxBodyBytes) reject(callerLeft);
    });
    // Read to its end even where it is too large: a client still sending would not see the answer.
    request.once("end", () => {
      if (bytes > maxBodyBytes) reject(bodyTooLarge);
      else resolve(Buffer.concat(chunks).toString("utf8"));
    });
    request.once("close", () => reject(callerLeft));
  });
}

/** Thrown where nobody is left to answer, or nobody who deserves it. */
export const callerLeft = new Error("the caller left before the request was whole");

const bodyTooLarge = new PortProblem(
  413,
  "Body too large",
  `a body may have ${maxBodyBytes} bytes: ask for fewer lines a call`,
);

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
