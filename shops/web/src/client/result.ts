import type { ErrorCode } from "./operations.js";

/** One error of an answer. */
export interface AnswerError {
  readonly message: string;
  /** Stable; a later gateway may know more, hence the plain text. */
  readonly code: ErrorCode | (string & {});
  /** Tells apart errors of one code that a client mends in different ways, such as CURSOR_LOST. */
  readonly reason: string | null;
  /** Of the field that is null because of it, such as ["products", 3, "price"]; empty where it is about all of the question. */
  readonly path: readonly (string | number)[];
  readonly retryAfterSeconds: number | null;
}

/** How a question ended. */
export type Result<Data> =
  /** Fields that failed are null, with their errors. */
  | { readonly kind: "answered"; readonly data: Data; readonly errors: readonly AnswerError[] }
  /** The same again would end in the same way: the document, its variables or the token's scope are at fault. */
  | { readonly kind: "refused"; readonly errors: readonly AnswerError[] }
  /** The token is missing, bad or run out: get a new one. */
  | { readonly kind: "unauthenticated"; readonly errors: readonly AnswerError[] }
  /** Nobody answered, or the gateway or its ERP cannot now; another try may be answered. */
  | { readonly kind: "unavailable"; readonly retryAfterSeconds: number | null; readonly errors: readonly AnswerError[] }
  /** By the caller's own signal. */
  | { readonly kind: "aborted" };

const passing = new Set(["ERP_UNAVAILABLE", "ERP_TIMEOUT", "ERP_OVERLOADED", "RATE_LIMITED", "GATEWAY_STOPPING"]);

/**
 * What an HTTP answer means.
 * @param text its body, whatever it is: a proxy's page of errors is no GraphQL
 */
export function toResult<Data>(status: number, retryAfter: string | null, text: string): Result<Data> {
  const { data, errors } = parseBody<Data>(text);
  const codes = errors.map(({ code }) => code);
  if (status === 401 || codes.includes("UNAUTHENTICATED")) return { kind: "unauthenticated", errors };
  if (data !== null && status < 400) return { kind: "answered", data, errors };
  if (status === 429 || status >= 500 || codes.some((code) => passing.has(code))) {
    const waits = [toSeconds(retryAfter), ...errors.map((error) => error.retryAfterSeconds)];
    const known = waits.filter((seconds) => seconds !== null);
    return { kind: "unavailable", retryAfterSeconds: known.length === 0 ? null : Math.max(...known), errors };
  }
  return { kind: "refused", errors: errors.length > 0 ? errors : [noAnswer(status)] };
}

const noAnswer = (status: number): AnswerError => ({
  message: `HTTP ${status} without a GraphQL answer: is this the address of the gateway's /graphql?`,
  code: "NO_GRAPHQL",
  reason: null,
  path: [],
  retryAfterSeconds: null,
});

function parseBody<Data>(text: string): { data: Data | null; errors: AnswerError[] } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = null;
  }
  if (!isRecord(body)) return { data: null, errors: [] };
  const errors = Array.isArray(body["errors"]) ? body["errors"].filter(isRecord).map(parseError) : [];
  return { data: isRecord(body["data"]) ? (body["data"] as Data) : null, errors };
}

function parseError({ message, path, extensions }: Readonly<Record<string, unknown>>): AnswerError {
  const { code, reason, retryAfterSeconds } = isRecord(extensions) ? extensions : {};
  return {
    message: String(message),
    code: typeof code === "string" ? code : "UNKNOWN",
    reason: typeof reason === "string" ? reason : null,
    path: Array.isArray(path) ? path : [],
    retryAfterSeconds: typeof retryAfterSeconds === "number" ? retryAfterSeconds : null,
  };
}

/** A date in it is passed over: the clocks differ. */
const toSeconds = (header: string | null) => (/^\d{1,6}$/.test(header ?? "") ? Number(header) : null);

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
