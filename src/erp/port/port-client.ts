import type { Clock } from "../../clock.js";
import { type ErpHttpClient, type ErpResponse, parseJson, toStatusError } from "../http-client.js";

/** Speaks the ERP port: JSON both ways, a bearer token, problems as errors. */
export interface PortClient {
  /** @returns the JSON of a 2xx answer; @throws {ErpError} otherwise */
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  /** @returns null for a 404, else the JSON of a 2xx answer; @throws {ErpError} otherwise */
  get(path: string, signal: AbortSignal): Promise<unknown>;
  /** @throws {ErpError} unless the answer is 2xx; its body is not read */
  ping(path: string, signal: AbortSignal): Promise<void>;
}

export function createPortClient(http: ErpHttpClient, token: string | null, clock: Clock): PortClient {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };

  function accept(response: ErpResponse): ErpResponse {
    if (response.status < 200 || response.status > 299) throw toStatusError(response, clock.now());
    return response;
  }

  return {
    async post(path, body, signal) {
      return parseJson(accept(await http.request({ method: "POST", path, headers, body, signal })).text);
    },
    async get(path, signal) {
      const response = await http.request({ method: "GET", path, headers, signal });
      return response.status === 404 ? null : parseJson(accept(response).text);
    },
    async ping(path, signal) {
      accept(await http.request({ method: "GET", path, headers, signal }));
    },
  };
}
