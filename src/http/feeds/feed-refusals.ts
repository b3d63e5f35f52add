import type { ServerResponse } from "node:http";
import {
  ErpBadAnswer,
  ErpError,
  Forbidden,
  type GatewayError,
  GatewayStopping,
  Unauthenticated,
} from "../../errors.js";
import { extensionsOf } from "../format-error.js";

/** Refuses before any byte of a body was sent, in the shape of a GraphQL error. */
export function refuseStream(response: ServerResponse, error: GatewayError): void {
  response.writeHead(statusOf(error), {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, no-store",
    vary: "Authorization",
    ...(error instanceof Unauthenticated ? { "www-authenticate": 'Bearer realm="pricelane"' } : {}),
    ...(error.retryAfterSeconds === null ? {} : { "retry-after": String(Math.ceil(error.retryAfterSeconds)) }),
  });
  response.end(JSON.stringify({ errors: [{ message: error.clientMessage, extensions: extensionsOf(error) }] }));
}

function statusOf(error: GatewayError): number {
  if (error instanceof Unauthenticated) return 401;
  if (error instanceof Forbidden) return 403;
  if (error.code === "RATE_LIMITED") return 429;
  if (error instanceof ErpBadAnswer) return 502; // asking again changes nothing
  if (error instanceof ErpError || error instanceof GatewayStopping) return 503;
  return 400;
}
