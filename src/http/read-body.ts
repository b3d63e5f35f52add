import type { IncomingMessage } from "node:http";

/** Larger bodies are refused. The largest request within the other limits has some 100 kB. */
export const maxBodyBytes = 1024 * 1024;

export class BodyTooLarge extends Error {}
export class BodyNotJson extends Error {}

/**
 * Reads a JSON body.
 * @returns undefined where the body is empty or declared as something else than JSON
 * @throws {BodyTooLarge} as soon as it is past {@link maxBodyBytes}, without reading on
 * @throws {BodyNotJson}
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw new BodyTooLarge();
  const body = await readBytes(request);
  if (body.length === 0 || !isJson(request.headers["content-type"])) return undefined;
  try {
    return JSON.parse(toText(body));
  } catch {
    throw new BodyNotJson();
  }
}

/** By events: an async iterator costs more than all else that is done with a small body. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBodyBytes) return;
      request.pause();
      reject(new BodyTooLarge());
    });
    request.on("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

/** Passes over a byte order mark, which some clients send and JSON.parse refuses. */
function toText(bytes: Buffer): string {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return bytes.toString("utf8", hasMark ? 3 : 0);
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}
