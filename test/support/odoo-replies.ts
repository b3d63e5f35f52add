import type { ServerResponse } from "node:http";
import type { Raised } from "./odoo-records.js";

// How the stand-in for Odoo puts results and errors into answers. Sources as of odoo-fake.ts.

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly text?: string;
  readonly headers?: Record<string, string>;
}

const traceback = 'Traceback (most recent call last):\n  File "/opt/odoo/secret-path.py", line 1';

export const notFound: Reply = {
  status: 404,
  text: "<html><title>404 Not Found</title></html>",
  headers: { "content-type": "text/html" },
};

export function rpcResult(result: unknown): Reply {
  return { status: 200, body: { jsonrpc: "2.0", id: 1, result } };
}

/** HTTP 200 all the same, and a traceback beside (seen). */
export function rpcError({ python, message }: Raised): Reply {
  const data = { name: python, message, arguments: [message], context: {}, debug: traceback };
  return { status: 200, body: { jsonrpc: "2.0", id: 1, error: { code: 200, message: "Odoo Server Error", data } } };
}

/** The statuses are real: a bad field is 500, what does not exist 404 (seen). */
export function json2Error({ python, message }: Raised): Reply {
  const statuses: Record<string, number> = {
    ...{
      "werkzeug.exceptions.Unauthorized": 401,
      "odoo.exceptions.AccessError": 403,
      "odoo.exceptions.AccessDenied": 403,
    },
    ...{ "odoo.exceptions.MissingError": 404, "werkzeug.exceptions.NotFound": 404 },
    ...{ "odoo.exceptions.UserError": 422, "odoo.exceptions.ValidationError": 422 },
  };
  const body = { name: python, message, arguments: [message], context: {}, debug: traceback };
  return { status: statuses[python] ?? 500, body };
}

export function send(response: ServerResponse, { status, body, text, headers = {} }: Reply, now: number): void {
  response.writeHead(status, { "content-type": "application/json", date: new Date(now).toUTCString(), ...headers });
  response.end(text ?? JSON.stringify(body ?? null));
}
