import { ErpBadAnswer } from "../../errors.js";
import { type ErpHttpClient, type ErpResponse, parseJson, toStatusError } from "../http-client.js";
import { parseList, parseRow, parseText, type Row } from "../parse.js";
import { OdooMisset } from "./odoo-errors.js";

export interface OdooVersion {
  /** As Odoo writes it, such as "18.0-20260101". */
  readonly text: string;
  readonly major: number;
  /** How it is asked: by `/jsonrpc`, or, from 19 on, by `/json/2`. */
  readonly api: "jsonrpc" | "json-2";
}

/** What needs no credential: the version, and the server's clock. */
export interface Greeting {
  readonly version: OdooVersion;
  /** In whole seconds, as ms since the epoch; null where it is not told. */
  readonly time: number | null;
}

const oldest = 16;
const firstWithJson2 = 19;

/**
 * The service `common` is on its way out, and its successor is not there before 19: what answers is taken.
 * @param now ms since the epoch
 * @throws {OdooMisset} where no Odoo answers, or one too old
 */
export async function readGreeting(http: ErpHttpClient, signal: AbortSignal, now: number): Promise<Greeting> {
  const params = { service: "common", method: "version", args: [] };
  const body = { jsonrpc: "2.0", method: "call", id: 1, params };
  const old = await http.request({ method: "POST", path: "/jsonrpc", body, signal });
  if (!isMissing(old)) {
    const { result } = parseRow(parseBody(old, now), "Odoo's version");
    const row = parseRow(result, "Odoo's version");
    return { version: toVersion(row["server_version"], row["server_version_info"]), time: timeOf(old) };
  }
  const response = await http.request({ method: "GET", path: "/web/version", signal });
  if (isMissing(response)) throw notFound();
  const row: Row = parseRow(parseBody(response, now), "Odoo's version");
  return { version: toVersion(row["version"], row["version_info"]), time: timeOf(response) };
}

function isMissing({ status }: ErpResponse): boolean {
  return status === 404 || status === 405;
}

function parseBody(response: ErpResponse, now: number): unknown {
  if (response.status !== 200) throw toStatusError(response, now);
  try {
    return parseJson(response.text);
  } catch (error) {
    throw error instanceof ErpBadAnswer ? notFound() : error;
  }
}

function notFound(): OdooMisset {
  return new OdooMisset("no Odoo answers at ERP_URL: it should be the server's address, without /web or a database");
}

/** @param info such as `[18, 0, 0, "final", 0, ""]`, or `["saas~18", 3, …]` for Odoo's own cloud */
function toVersion(text: unknown, info: unknown): OdooVersion {
  const [first] = parseList(info, "Odoo's version");
  const major = Number(/\d+/.exec(String(first))?.[0] ?? Number.NaN);
  const shown = parseText(text, "Odoo's version");
  if (Number.isNaN(major)) throw new ErpBadAnswer(`Odoo's version ${JSON.stringify(shown)} cannot be read`);
  if (major < oldest) throw new OdooMisset(`this is Odoo ${shown}, and the connector speaks with ${oldest} and newer`);
  return { text: shown, major, api: major >= firstWithJson2 ? "json-2" : "jsonrpc" };
}

function timeOf({ headers }: ErpResponse): number | null {
  const time = Date.parse(String(headers["date"]));
  return Number.isNaN(time) ? null : time;
}
