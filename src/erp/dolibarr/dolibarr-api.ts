import type { Clock } from "../../clock.js";
import type { ErpHttpClient } from "../http-client.js";
import { parseList, parseRow, type Row } from "../parse.js";
import { isFirewall, isNothingFound, toDolibarrError, toFirewallError, toPageError } from "./dolibarr-errors.js";

export type Query = Readonly<Record<string, string | number>>;

/** Dolibarr's REST API, as the user whose key it is. */
export interface DolibarrApi {
  /** @returns null where Dolibarr says that it knows no such thing, or has nothing to tell of it. @throws {ErpError} */
  get(path: string, query: Query, signal: AbortSignal): Promise<unknown>;
  /** As {@link get}, for a list: empty where nothing matches, on every version. @throws {ErpError} */
  list(path: string, query: Query, signal: AbortSignal): Promise<Row[]>;
}

export function createDolibarrApi(http: ErpHttpClient, apiKey: string, clock: Clock): DolibarrApi {
  const headers = { DOLAPIKEY: apiKey };

  async function get(path: string, query: Query, signal: AbortSignal): Promise<unknown> {
    const response = await http.request({ method: "GET", path: `${path}${toQueryString(query)}`, headers, signal });
    if (isNothingFound(response)) return null;
    if (response.status !== 200) throw toDolibarrError(response, clock.now());
    if (isFirewall(response)) throw toFirewallError(response);
    try {
      return JSON.parse(response.text);
    } catch {
      throw toPageError(response);
    }
  }

  return {
    get,
    async list(path, query, signal) {
      const answer = (await get(path, query, signal)) ?? [];
      return parseList(answer, `Dolibarr's ${path}`).map((row) => parseRow(row, `a row of Dolibarr's ${path}`));
    },
  };
}

function toQueryString(query: Query): string {
  const parts = Object.entries(query).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** The address of the API. @param url Dolibarr's own, or that of its API already */
export function apiAddress(url: URL): URL {
  const api = new URL(url);
  api.pathname = `${url.pathname.replace(/(\/api(\/index\.php)?)?\/*$/, "")}/api/index.php`;
  return api;
}
