import { withoutControlCharacters } from "../../pricing/control-characters.js";
import { FeedEnded, TryAgain, whatIsFinal } from "./feed-ended.js";

/** What is read of a refusal: enough for any message. */
const mostBytes = 64 * 1024;

interface Told {
  readonly message: string;
  readonly reason: string | null;
}

/** What an answer that is no feed means for the run. @returns what to throw */
export async function judgeRefusal(response: Response, gateway: URL): Promise<Error> {
  const { status, headers } = response;
  const { message, reason } = await readTold(response);
  const said = `${gateway.href} answers HTTP ${status}${message === "" ? "" : `: ${message}`}`;
  if (status === 401 || status === 403) return new FeedEnded("refused", said);
  const final = whatIsFinal(reason, said);
  if (final !== null) return final;
  if (status === 429 || status >= 500) return new TryAgain(said, parseRetryAfter(headers.get("retry-after")));
  if (status === 400) return new FeedEnded("notAsAsked", said);
  const to = headers.get("location");
  const mend = to === null ? "is --url a Pricelane of this version?" : `it says ${shorten(to)}; is that the --url?`;
  return new FeedEnded("notAsAsked", `${said}: ${mend}`);
}

async function readTold(response: Response): Promise<Told> {
  try {
    return parseTold(JSON.parse(await readStart(response)));
  } catch {
    return { message: "", reason: null }; // a proxy's page, or nothing at all
  }
}

async function readStart({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    chunks.push(chunk);
    if (bytes > mostBytes) break;
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The GraphQL form: `{"errors":[{"message","extensions":{"code","reason"}}]}`. */
function parseTold(body: unknown): Told {
  const { errors } = (body ?? {}) as { errors?: unknown };
  const [first] = Array.isArray(errors) ? errors : [];
  const { message, extensions } = (first ?? {}) as { message?: unknown; extensions?: { reason?: unknown } };
  const reason = extensions?.reason;
  return {
    message: typeof message === "string" ? shorten(message) : "",
    reason: typeof reason === "string" ? reason : null,
  };
}

/** @returns ms; null for a header that is absent or names a date: the back-off does for those */
function parseRetryAfter(header: string | null): number | null {
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) * 1000 : null;
}

function shorten(text: string): string {
  return withoutControlCharacters(text).slice(0, 300);
}
