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
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  if (bytes === 0 || !isJson(request.headers["content-type"])) return undefined;
  try {
    // A decoder, since it passes over a byte order mark, which some clients send and JSON.parse refuses.
    return JSON.parse(new TextDecoder().decode(Buffer.concat(chunks)));
  } catch {
    throw new BodyNotJson();
  }
}

function isJson(contentType: string | undefined): boolean {
  return /^application\/json\s*(;|$)/i.test(contentType ?? "");
}
