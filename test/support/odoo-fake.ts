import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type ActionAsked, answerPriceAction } from "./odoo-price-action.js";
import {
  type Context,
  type Data,
  notAllowed,
  type Orm,
  Raised,
  readRow,
  search,
  searchRead,
  type Values,
} from "./odoo-records.js";
import { json2Error, notFound, type Reply, rpcError, rpcResult, send } from "./odoo-replies.js";
import { createModels, createShop, priceOf } from "./odoo-shop.js";

// Odoo's two web services, 16 to 19, on the loopback. Sources: "External RPC API" (16 to 18) and "External JSON-2 API" (19) of
// Odoo's developer documentation; what is marked "seen" was seen of a running 18 and 19.

export interface OdooCall {
  readonly model: string;
  readonly method: string;
  readonly ids: readonly number[] | undefined;
  readonly params: Values;
  readonly context: Context;
}

export interface FakeOdoo {
  readonly url: URL;
  readonly data: Data;
  /** Calls of methods, in order, refused ones included. */
  readonly calls: OdooCall[];
  /** Logins, or keys looked at; refused ones included. */
  readonly logins: number;
  /** As in `server_version`, such as "18.0"; its first number decides how it speaks. */
  version: string;
  key: string;
  /** Without the rights on invoicing, fields of that group cannot be read. */
  mayReadInvoicing: boolean;
  readonly forbidden: Set<string>;
  /** Where set, `/jsonrpc` is not there, as on a 19 without the module for it. */
  hasNoJsonRpc: boolean;
  /** Whether the server action of docs/erp/odoo.md was installed, under the id 77, and the user may run it. */
  action: "none" | "installed" | "older" | "forbidden" | "no group" | "other code";
  /** The instant it takes for now. */
  now: number;
  /** Answers in Odoo's place, where it gives something: what a proxy says, or a broken server. */
  intercept: (call: OdooCall | null) => Reply | "hang" | undefined | Promise<undefined>;
  stop(): Promise<void>;
}

export const fakeDatabase = "shop";
export const fakeUser = "pricelane@example.com";

export async function startFakeOdoo(version = "18.0"): Promise<FakeOdoo> {
  const data = createShop(major(version));
  let logins = 0;

  const orm = (): Orm => ({
    models: createModels(major(fake.version), data),
    data,
    mayReadInvoicing: fake.mayReadInvoicing,
    forbidden: fake.forbidden,
  });

  async function answer(request: IncomingMessage): Promise<Reply | "hang"> {
    const path = new URL(request.url ?? "/", "http://odoo").pathname;
    const body = await readBody(request);
    if (path === "/jsonrpc" && !fake.hasNoJsonRpc) return answerRpc(body);
    if (path === "/web/version" && major(fake.version) >= 19) {
      return { status: 200, body: { version: fake.version, version_info: versionInfo(fake.version) } };
    }
    const [, model, method] = /^\/json\/2\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (major(fake.version) < 19 || model === undefined || method === undefined) return notFound;
    return answerJson2(request, decodeURIComponent(model), decodeURIComponent(method), body as Values);
  }

  async function answerRpc(body: unknown): Promise<Reply | "hang"> {
    if (Array.isArray(body))
      return rpcError(new Raised("builtins.AttributeError", "'list' object has no attribute 'get'")); // seen
    const { service, method, args } = (body as Values)["params"] as {
      service: string;
      method: string;
      args: unknown[];
    };
    if (service === "common" && method === "version") {
      const intercepted = await fake.intercept(null);
      if (intercepted !== undefined) return intercepted;
      return rpcResult({
        server_version: fake.version,
        server_version_info: versionInfo(fake.version),
        protocol_version: 1,
      });
    }
    const [database, who, key] = args;
    if (database !== fakeDatabase) return rpcError(noSuchDatabase(String(database)));
    if (service === "common") {
      logins += 1;
      // Refused is no error, but `false` (seen).
      return rpcResult(who === fakeUser && key === fake.key ? 7 : false);
    }
    if (key !== fake.key) return rpcError(new Raised("odoo.exceptions.AccessDenied", "Access Denied"));
    const [, , , model, name, positional, named] = args as [string, number, string, string, string, unknown[], Values];
    const { context = {}, ...params } = named;
    const [ids] = positional as [number[] | undefined];
    return run({ model, method: name, ids, params, context: context as Context }, rpcResult, rpcError);
  }

  async function answerJson2(
    request: IncomingMessage,
    model: string,
    method: string,
    body: Values,
  ): Promise<Reply | "hang"> {
    logins += 1;
    // A database that is not there is answered before any of Odoo's own code runs: a page.
    if (request.headers["x-odoo-database"] !== fakeDatabase) return notFound;
    if (request.headers.authorization !== `bearer ${fake.key}`)
      return json2Error(new Raised("werkzeug.exceptions.Unauthorized", "Invalid apikey"));
    const { ids, context = {}, ...params } = body;
    if (ofModel.has(method) && ids !== undefined) {
      return {
        status: 422,
        body: { name: "werkzeug.exceptions.UnprocessableEntity", message: `cannot call ${model}.${method} with ids` },
      };
    }
    if (orm().models[model] === undefined)
      return json2Error(new Raised("werkzeug.exceptions.NotFound", `the model '${model}' does not exist`));
    const call = { model, method, ids: ids as number[] | undefined, params, context: context as Context };
    return run(call, (result) => ({ status: 200, body: result }), json2Error);
  }

  async function run(call: OdooCall, toReply: (result: unknown) => Reply, toError: (error: Raised) => Reply) {
    fake.calls.push(call);
    const intercepted = await fake.intercept(call);
    if (intercepted !== undefined) return intercepted;
    try {
      return toReply(runMethod(call));
    } catch (error) {
      if (error instanceof Raised) return toError(error);
      throw error;
    }
  }

  function runMethod({ model, method, ids, params, context }: OdooCall): unknown {
    const known = orm();
    if (known.models[model] === undefined)
      throw new Raised("odoo.exceptions.UserError", `Object ${model} doesn't exist`);
    const companies = (context["allowed_company_ids"] ?? []) as number[];
    if (companies.some((id) => id !== 1)) {
      throw new Raised("odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.");
    }
    switch (method) {
      case "context_get":
        return { lang: "fr_FR", tz: "Europe/Paris", uid: 7 };
      case "search_read":
        return searchRead(known, model, params, context);
      case "search":
        return search(known, model, (params["domain"] ?? []) as unknown[], context).map(({ id }) => id);
      case "read": // one id that is not there fails all of it
        return (ids ?? []).map((id) =>
          readRow(known, model, existing(model, id), params["fields"] as string[], context),
        );
      case "fields_get":
        return fieldsGet(known, model, params["allfields"] as string[]);
      case "read_group":
        return readGroup(known, model, params, context);
      case "get_contextual_price":
        return contextualPrice(ids ?? [], context);
      case "run":
        return runAction(ids ?? [], context);
      default:
        // Private ones are refused (seen), and so is what does not exist.
        throw new Raised(
          "odoo.exceptions.AccessError",
          `Private methods (such as '${model}.${method}') cannot be called remotely.`,
        );
    }
  }

  function existing(model: string, id: unknown): Values {
    const row = (data[model] ?? []).find((each) => each["id"] === id);
    if (row === undefined)
      throw new Raised(
        "odoo.exceptions.MissingError",
        `Record does not exist or has been deleted.\n(Record: ${model}(${String(id)},))`,
      );
    return row;
  }

  /** Fields that the user may not read are left out. */
  function fieldsGet({ models, mayReadInvoicing }: Orm, model: string, names: string[]): Values {
    const specs = Object.entries(models[model] ?? {}).filter(([name]) => names.includes(name));
    const shown = specs.filter(([, { group }]) => group === undefined || mayReadInvoicing);
    return Object.fromEntries(
      shown.map(([name, { type, digits }]) => [
        name,
        { type, ...(type === "float" ? { digits: digits ?? false } : {}) },
      ]),
    );
  }

  function readGroup(known: Orm, model: string, params: Values, context: Context): Values[] {
    const groups = new Map<string, Values>();
    for (const row of search(known, model, params["domain"] as unknown[], context)) {
      const by = readRow(known, model, row, params["groupby"] as string[], context);
      const key = JSON.stringify([by["product_id"], by["location_id"]]);
      const group = groups.get(key) ?? { ...by, quantity: 0, reserved_quantity: 0, __count: 0 };
      for (const sum of ["quantity", "reserved_quantity"]) group[sum] = (group[sum] as number) + (row[sum] as number);
      groups.set(key, group);
    }
    return [...groups.values()];
  }

  /** One product; an unknown list is missed only once its currency is looked at. */
  function contextualPrice(ids: readonly number[], context: Context): number {
    const [id, another] = ids;
    if (another !== undefined)
      throw new Raised("builtins.ValueError", `Expected singleton: product.product(${ids.join(", ")})`);
    if (context["pricelist"]) existing("product.pricelist", context["pricelist"]);
    const product = existing("product.product", id);
    if (product["broken"]) throw new Raised("builtins.ZeroDivisionError", "float division by zero");
    return priceOf(data, product, context["pricelist"], (context["quantity"] as number) ?? 1, stampOf(fake.now));
  }

  /** Up to 18 a user outside its groups, or where it has none, needs to write on its model; on 19 anybody may run one without (seen). */
  function runAction([id]: readonly number[], context: Context): unknown {
    if (id !== 77 || fake.action === "none") {
      const record = `(Record: ir.actions.server(${id},), User: 7)`;
      throw new Raised("odoo.exceptions.MissingError", `Record does not exist or has been deleted.\n${record}`);
    }
    if (fake.action === "forbidden")
      throw new Raised("odoo.exceptions.AccessError", "You don't have enough access rights to run this action.");
    if (fake.action === "no group" && major(fake.version) < 19)
      throw new Raised("odoo.exceptions.AccessError", notAllowed("modify", "Pricelist", "product.pricelist"));
    if (fake.action === "other code") return false;
    const { version, ...older } = context["pricelane"] as ActionAsked;
    const asked = fake.action === "older" ? older : { version, ...older };
    return answerPriceAction(data, major(fake.version), asked, (product, quantity) =>
      contextualPrice([product], { ...context, pricelist: asked.pricelist, quantity }),
    );
  }

  const server = createServer(async (request, response) => {
    const reply = await answer(request);
    if (reply !== "hang") send(response, reply, fake.now);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeOdoo = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`),
    ...{ data, calls: [], version, key: "right-key", mayReadInvoicing: false, forbidden: new Set() },
    get logins() {
      return logins;
    },
    ...{ hasNoJsonRpc: false, action: "none", now: Date.UTC(2026, 10, 24, 9, 30), intercept: () => undefined },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

/** The words of PostgreSQL's client come with it (seen on 18). */
function noSuchDatabase(name: string): Raised {
  const at = 'connection to server at "127.0.0.1", port 5432 failed';
  return new Raised("psycopg2.OperationalError", `${at}: FATAL:  database "${name}" does not exist\n`);
}

/** Methods that take no records. */
const ofModel = new Set(["context_get", "search_read", "search", "fields_get", "read_group"]);

function major(version: string): number {
  return Number(/\d+/.exec(version)?.[0]);
}

function versionInfo(version: string): unknown[] {
  return version.startsWith("saas") ? ["saas~18", 3, 0, "final", 0, ""] : [major(version), 0, 0, "final", 0, ""];
}

export function stampOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replace("T", " ");
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString());
}
