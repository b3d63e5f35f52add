import { unwrapResolverError } from "@apollo/server/errors";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { type ErrorCode, errorCodes, GatewayError } from "../errors.js";

/** All that anybody is told of a bug. */
export const maskedMessage = "Something went wrong on our side.";

/** Apollo's own codes, for documents that cannot be parsed, validated or found, and requests that are none. */
const apolloCodes = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "PERSISTED_QUERY_NOT_FOUND",
  "PERSISTED_QUERY_NOT_SUPPORTED",
  "OPERATION_RESOLUTION_FAILURE",
  "BAD_REQUEST",
  "BAD_USER_INPUT",
]);

/**
 * What a client is told of an error. Ours goes out by its code and client message, Apollo's and the parser's as it is;
 * anything else is a bug: it is handed to `onBug` and leaves no trace of its own in the answer.
 */
export function formatErrorFor(onBug: (error: unknown) => void) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const cause = unwrapResolverError(error);
    if (cause instanceof GatewayError) return toFormatted(formatted, cause);
    const inputCode = codeOfInput(error);
    if (inputCode !== null) return { ...formatted, extensions: { code: inputCode } };
    if (isSafe(formatted)) return formatted;
    if (isRefusalWithoutCode(error)) return { ...formatted, extensions: { code: "BAD_REQUEST" } };
    onBug(cause);
    return {
      ...placeOf(formatted),
      message: maskedMessage,
      extensions: { code: "INTERNAL_SERVER_ERROR" },
    };
  };
}

/** A GatewayError as one that Apollo passes on, with the HTTP status and headers that belong to it. */
export function toGraphQLError(
  error: GatewayError,
  http: { status: number; headers?: Map<string, string> },
): GraphQLError {
  return new GraphQLError(error.clientMessage, { extensions: { ...extensionsOf(error), http } });
}

function toFormatted(formatted: GraphQLFormattedError, error: GatewayError): GraphQLFormattedError {
  return { ...placeOf(formatted), message: error.clientMessage, extensions: extensionsOf(error) };
}

type Extensions = { readonly code: ErrorCode; readonly retryAfterSeconds?: number; readonly reason?: string };

/** What goes out beside the message. */
export function extensionsOf({ code, retryAfterSeconds, reason }: GatewayError): Extensions {
  return {
    code,
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    ...(reason === null ? {} : { reason }),
  };
}

function placeOf({ locations, path }: GraphQLFormattedError): Pick<GraphQLFormattedError, "locations" | "path"> {
  return { ...(locations === undefined ? {} : { locations }), ...(path === undefined ? {} : { path }) };
}

/**
 * Apollo files whatever is found while parsing and validating under codes of its own; where one of our scalars or limits
 * found it, the caller's input is what is wrong.
 */
function codeOfInput(error: unknown): ErrorCode | null {
  if (!(error instanceof GraphQLError)) return null;
  // graphql-js names its limits in the message alone, one with a slip of the pen that may be mended one day;
  // test/scenario/limits.test.ts notices should the words change.
  if (/Document contains more tha[nt] \d+ tokens|^Too many errors processing variables/.test(error.message))
    return "BAD_USER_INPUT";
  const found = error.originalError instanceof GraphQLError ? error.originalError : error;
  const { code } = found.extensions;
  // An argument that only the execution can refuse, such as a null by way of a variable: graphql-js points at it in the
  // document, which it does for no value of ours.
  if (code === undefined && error.path !== undefined && found !== error && found.nodes !== undefined)
    return "BAD_USER_INPUT";
  return errorCodes.find((known) => known === code) ?? null;
}

function isSafe({ extensions }: GraphQLFormattedError): boolean {
  return typeof extensions?.code === "string" && apolloCodes.has(extensions.code);
}

/** Apollo gives a persisted query of another version, or whose hash is not its text's, an HTTP status and no code. */
function isRefusalWithoutCode(error: unknown): boolean {
  if (!(error instanceof GraphQLError) || error.extensions.code !== undefined) return false;
  const { status } = (error.extensions.http ?? {}) as { readonly status?: unknown };
  return status === 400;
}
