import { ErpBadAnswer } from "../../errors.js";
import { type ErpHttpClient, type ErpResponse, parseJson, toStatusError } from "../http-client.js";
import { parseRow, parseWholeNumber, type Row } from "../parse.js";
import { type Method, noDatabase, OdooMisset, toOdooError, wrongKey } from "./odoo-errors.js";

/** A call of a public method. */
export interface OdooCall extends Method {
  /** The records it is called on; left out for a method of the model itself. */
  readonly ids?: readonly number[];
  /** The method's arguments by their names, without the context. */
  readonly params?: Row;
  readonly context?: Row;
}

export interface Credential {
  readonly database: string;
  /** Null where none is set: only `/jsonrpc` needs it. */
  readonly user: string | null;
  readonly key: string;
}

/** A way to call methods, as one user. */
export interface Transport {
  readonly user: number;
  /** @throws {ErpError} */
  send(call: OdooCall, signal: AbortSignal): Promise<unknown>;
}

type Now = () => number;

/** Up to 18: any method by `execute_kw`, with the key in each call. */
export async function openJsonRpc(
  http: ErpHttpClient,
  { database, user, key }: Credential,
  now: Now,
  signal: AbortSignal,
): Promise<Transport> {
  if (user === null) throw new OdooMisset("ODOO_USER is missing: before version 19, Odoo asks for it beside the key");
  const post = async (service: string, method: string, args: unknown[], of: Method, on: AbortSignal) => {
    const body = { jsonrpc: "2.0", method: "call", id: 1, params: { service, method, args } };
    const response = await http.request({ method: "POST", path: "/jsonrpc", body, signal: on });
    return parseRpcResult(response, of, now());
  };
  const login = { model: "common", method: "authenticate" };
  const id = await post("common", "authenticate", [database, user, key, {}], login, signal);
  // Refused is no error here: Odoo says false.
  if (id === false) throw wrongKey();
  const uid = parseWholeNumber(id, "the user's id");
  return {
    user: uid,
    send(call, on) {
      const { model, method, ids, params = {}, context = {} } = call;
      const args = [database, uid, key, model, method, ids === undefined ? [] : [ids], { ...params, context }];
      return post("object", "execute_kw", args, call, on);
    },
  };
}

/** From 19 on: a path for each method, real statuses. */
export async function openJson2(
  http: ErpHttpClient,
  { database, key }: Credential,
  now: Now,
  signal: AbortSignal,
): Promise<Transport> {
  const headers = { authorization: `bearer ${key}`, "x-odoo-database": database };
  const send = async (call: OdooCall, on: AbortSignal) => {
    const { model, method, ids, params = {}, context = {} } = call;
    const body = { ...params, context, ...(ids === undefined ? {} : { ids }) };
    const path = `/json/2/${encodeURIComponent(model)}/${encodeURIComponent(method)}`;
    return parseJson2Result(await http.request({ method: "POST", path, headers, body, signal: on }), call, now());
  };
  const own = parseRow(await send({ model: "res.users", method: "context_get" }, signal), "the user's context");
  return { user: parseWholeNumber(own["uid"], "the user's id"), send };
}

/** @param now ms since the epoch */
function parseRpcResult(response: ErpResponse, call: Method, now: number): unknown {
  if (response.status !== 200) throw toStatusError(response, now);
  const row = parseRow(parseJson(response.text), "Odoo's answer");
  const { error } = row;
  if (error !== undefined && error !== null) {
    const { data, message } = parseRow(error, "Odoo's error");
    throw toOdooError(isRow(data) ? data : { message }, call);
  }
  // A method that returns nothing may come without a result.
  return row["result"] ?? null;
}

function parseJson2Result(response: ErpResponse, call: Method, now: number): unknown {
  const { status, text } = response;
  if (status === 200) return parseJson(text);
  const error = toErrorBody(text);
  // Without a body of its own the path as a whole is not there, as without the database.
  if (status === 404 && error === null) throw noDatabase();
  if (error === null || status === 429 || status === 503) throw toStatusError(response, now);
  throw toOdooError(error, call);
}

/** Null for what a proxy says in Odoo's place. */
function toErrorBody(text: string): Row | null {
  try {
    const body = parseJson(text);
    return isRow(body) && typeof body["name"] === "string" ? body : null;
  } catch (error) {
    if (error instanceof ErpBadAnswer) return null;
    throw error;
  }
}

function isRow(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
