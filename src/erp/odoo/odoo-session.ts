import type { Clock } from "../../clock.js";
import type { ErpError } from "../../errors.js";
import type { Logger } from "../../telemetry/logger.js";
import type { ErpHttpClient } from "../http-client.js";
import { readForAll, waitFor } from "../shared-read.js";
import { OdooMisset } from "./odoo-errors.js";
import { type Credential, type OdooCall, openJson2, openJsonRpc, type Transport } from "./odoo-transport.js";
import { type Greeting, type OdooVersion, readGreeting } from "./odoo-version.js";

export type { OdooCall } from "./odoo-transport.js";

export interface OdooSession {
  /**
   * Calls one method; before the first call it finds out how this Odoo is asked, and as whom.
   * @throws {OdooRefused} when Odoo ran the call and said no
   * @throws {ErpError} for all else
   */
  call(call: OdooCall, signal: AbortSignal): Promise<unknown>;
  /** The id of the user in whose name it is asked. */
  readUser(signal: AbortSignal): Promise<number>;
  /** Asks the version anew; where it is another one, Odoo is asked in its way from then on. */
  readVersion(signal: AbortSignal): Promise<OdooVersion>;
  /** The server's clock, in whole seconds, as ms since the epoch: its dates are compared with it and not with ours. */
  readTime(signal: AbortSignal): Promise<number>;
}

export interface OdooSessionOptions extends Credential {
  readonly http: ErpHttpClient;
  readonly clock: Clock;
  /** How long finding out may take: a server that was started just now needs its time. */
  readonly timeoutMs: number;
  readonly log: Pick<Logger, "info" | "warn">;
}

/** How long a refused key is not tried again: Odoo shuts out an address that fails too often. */
const refusedForMs = 10_000;

type Opening =
  | { readonly kind: "none" }
  | { readonly kind: "open"; readonly transport: Promise<Transport> }
  | { readonly kind: "refused"; readonly error: ErpError; readonly until: number };

export function createOdooSession(options: OdooSessionOptions): OdooSession {
  const { http, clock, log } = options;
  const now = () => clock.now();
  let opening: Opening = { kind: "none" };
  let known: OdooVersion | null = null;

  function note(version: OdooVersion): void {
    if (known?.text === version.text) return;
    const { text, api } = version;
    if (known === null) log.info({ version: text, api }, "this is the Odoo that is asked");
    else log.warn({ version: text, before: known.text, api }, "Odoo's version has changed");
    known = version;
  }

  async function greet(signal: AbortSignal): Promise<Greeting> {
    const greeting = await readGreeting(http, signal, now());
    const before = known;
    note(greeting.version);
    if (before !== null && before.api !== greeting.version.api) opening = { kind: "none" };
    return greeting;
  }

  async function open(signal: AbortSignal): Promise<Transport> {
    const { version } = await readGreeting(http, signal, now());
    note(version);
    return (version.api === "json-2" ? openJson2 : openJsonRpc)(http, options, now, signal);
  }

  // All calls share one opening, and one refusal.
  function reach(): Promise<Transport> {
    if (opening.kind === "refused" && now() < opening.until) return Promise.reject(opening.error);
    if (opening.kind === "open") return opening.transport;
    const transport = readForAll(open, options);
    opening = { kind: "open", transport };
    transport.catch((error: ErpError) => giveUp(transport, error));
    return transport;
  }

  function giveUp(transport: Promise<Transport>, error: ErpError): void {
    if (opening.kind !== "open" || opening.transport !== transport) return;
    const isRefusal = error instanceof OdooMisset;
    opening = isRefusal ? { kind: "refused", error, until: now() + refusedForMs } : { kind: "none" };
  }

  return {
    async call(call, signal) {
      const shared = reach();
      const { send } = await waitFor(shared, signal);
      try {
        return await send(call, signal);
      } catch (error) {
        // A key that ended, or a way of asking that is gone.
        if (error instanceof OdooMisset || (error as { status?: unknown }).status === 404) {
          giveUp(shared, error as ErpError);
        }
        throw error;
      }
    },
    async readUser(signal) {
      return (await waitFor(reach(), signal)).user;
    },
    async readVersion(signal) {
      return (await greet(signal)).version;
    },
    async readTime(signal) {
      return (await greet(signal)).time ?? now();
    },
  };
}
