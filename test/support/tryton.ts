import { type ChildProcess, execFile, spawn } from "node:child_process";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.js";

const run = promisify(execFile);
/** From the repository's root, where both the tests and the benchmarks, which are compiled elsewhere, are run. */
const provisionScript = resolve("scripts/tryton/provision.sh");

export interface ExpectedPrice {
  readonly customer: string | null;
  readonly sku: string;
  readonly quantity: string;
  readonly currency: string;
  readonly unitPrice: string;
  readonly taxRate: string | null;
  readonly unit: string;
  readonly priceList: string | null;
}

/** What Tryton itself answered when the database was made, by its own sales: see scripts/tryton/expected.py. */
export interface Expected {
  readonly prices: readonly ExpectedPrice[];
  /** For the public, were there no default price list. */
  readonly pricesWithoutDefaultList: readonly ExpectedPrice[];
  readonly stock: readonly { readonly sku: string; readonly warehouse: string; readonly available: string }[];
  readonly customers: readonly {
    readonly code: string;
    readonly name: string;
    readonly currency: string;
    readonly paymentTerms: string | null;
    readonly creditLimit: string | null;
    readonly creditAvailable: string | null;
    readonly list: string | null;
  }[];
  /** Products whose formula fails in Tryton, for these customers. */
  readonly poisoned: readonly { readonly customer: string; readonly sku: string }[];
  readonly sellable: readonly string[];
  readonly credentials: Readonly<
    Record<"database" | "company" | "user" | "password" | "admin" | "adminPassword", string>
  >;
}

export interface RunningTryton {
  readonly url: URL;
  readonly pid: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  readonly company: string;
  readonly expected: Expected;
  /** Calls as Tryton's administrator, to change what is there. @param params the method's own, without the context */
  asAdmin(method: string, ...params: unknown[]): Promise<unknown>;
  /** Forgets all sessions, as a restart or their time-out would. */
  endSessions(): Promise<void>;
  stop(): Promise<void>;
}

/** How long `beforeAll` must wait for {@link startTryton}: the first run on a machine makes the database. */
export const startTrytonTimeoutMs = 240_000;

/** A server of its own for the caller, on a copy of the provisioned database, on the loopback. */
export async function startTryton(): Promise<RunningTryton> {
  const cache = await provision();
  const folder = await mkdtemp(join(tmpdir(), "pricelane-tryton-"));
  const expected = JSON.parse(await readFile(join(cache, "expected.json"), "utf8")) as Expected;
  const { database, user, password, company, admin, adminPassword } = expected.credentials;
  await copyFile(join(cache, `${database}.sqlite`), join(folder, `${database}.sqlite`));
  const port = await freePort();
  const url = new URL(`http://127.0.0.1:${port}/`);
  const server = await launch(folder, database, port);
  await waitUntilAnswers(url, server);
  const rpc = (path: string, method: string, params: unknown[], headers: Record<string, string> = {}) =>
    call(new URL(path, url), method, params, headers);
  const session = (await rpc(`${database}/`, "common.db.login", [admin, { password: adminPassword }])) as unknown[];
  const authorization = `Session ${Buffer.from([admin, ...session].join(":")).toString("base64")}`;
  return {
    url,
    pid: server.pid as number,
    database,
    user,
    password,
    company,
    expected,
    asAdmin: (method, ...params) => rpc(`${database}/`, method, [...params, { company: 1 }], { authorization }),
    endSessions: () => deleteSessions(join(folder, `${database}.sqlite`), user),
    async stop() {
      server.kill("SIGTERM");
      await new Promise((resolve) => (server.exitCode === null ? server.once("exit", resolve) : resolve(null)));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function provision(): Promise<string> {
  const { stdout, stderr } = await run(provisionScript, { timeout: startTrytonTimeoutMs });
  const folder = stdout.trim().split("\n").at(-1);
  if (folder === undefined || folder === "") throw new Error(`no database was provisioned: ${stderr}`);
  return folder;
}

async function launch(folder: string, database: string, port: number): Promise<ChildProcess> {
  const settings = join(folder, "trytond.conf");
  const lines = ["[database]", "uri = sqlite://", `path = ${folder}`, "[web]", `listen = 127.0.0.1:${port}`];
  await writeFile(settings, `${lines.join("\n")}\n`);
  const server = spawn("/usr/bin/trytond", ["-c", settings, "-d", database], { stdio: "ignore" });
  // A test run that is broken off must leave no server behind.
  process.once("exit", () => server.kill("SIGKILL"));
  return server;
}

async function waitUntilAnswers(url: URL, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (server.exitCode !== null) throw new Error(`trytond ended with ${server.exitCode} before it answered`);
    try {
      await call(url, "common.server.version", []);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error("trytond did not answer within 30 s");
}

async function call(url: URL, method: string, params: unknown[], headers: Record<string, string> = {}) {
  const body = JSON.stringify({ id: 1, method, params });
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });
  if (!response.ok) throw new Error(`${method}: HTTP ${response.status}`);
  const answer = (await response.json()) as { result?: unknown; error?: unknown };
  if (answer.error !== undefined) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
  return answer.result;
}

async function deleteSessions(file: string, user: string): Promise<void> {
  const script = [
    "import sqlite3, sys",
    "database = sqlite3.connect(sys.argv[1], timeout=10)",
    "database.execute('DELETE FROM ir_session WHERE create_uid = (SELECT id FROM res_user WHERE login = ?)', sys.argv[2:])",
    "database.commit()",
  ];
  await run("/usr/bin/python3", ["-c", script.join("\n"), file, user]);
}
