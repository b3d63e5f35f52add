import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A database server of a test's own: on a temporary folder and a free port of the loopback, and never as root. */
export interface PrivateServer {
  readonly port: number;
  readonly folder: string;
  stop(): Promise<void>;
}

export interface PrivateServerPlan {
  /** The user of the machine that the server runs as where the tests run as root, which it refuses. */
  readonly systemUser: string;
  /** Makes the empty database. @param own hands a file over to the server, whose it then is alone */
  initialize(folder: string, own: (path: string) => void): readonly [program: string, ...args: string[]];
  serve(folder: string, port: number): readonly [program: string, ...args: string[]];
  /** @throws while it does not answer */
  ping(port: number): Promise<void>;
  readonly stopSignal: NodeJS.Signals;
}

export async function startPrivateServer(plan: PrivateServerPlan): Promise<PrivateServer> {
  const folder = await mkdtemp(join(tmpdir(), "pricelane-db-"));
  const ids = process.getuid?.() === 0 ? idsOf(plan.systemUser) : null;
  if (ids !== null) chownSync(folder, ids.uid, ids.gid);
  const identity = ids ?? {};
  const own = (path: string) => {
    if (ids !== null) chownSync(path, ids.uid, ids.gid);
    chmodSync(path, 0o600);
  };
  const [initializer, ...initializeArgs] = plan.initialize(folder, own);
  execFileSync(initializer, initializeArgs, { ...identity, cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const port = await freePort();
  const [program, ...args] = plan.serve(folder, port);
  const server = spawn(program, args, { ...identity, cwd: folder, stdio: "ignore" });
  const kill = () => server.kill("SIGKILL");
  // A test run that is broken off must leave no server behind.
  process.once("exit", kill);
  await waitUntilAnswers(() => plan.ping(port), server, program);
  return {
    port,
    folder,
    async stop() {
      server.kill(plan.stopSignal);
      await new Promise((resolve) => (server.exitCode === null ? server.once("exit", resolve) : resolve(null)));
      process.removeListener("exit", kill);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function idsOf(user: string): { uid: number; gid: number } {
  const ask = (flag: string) => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  return { uid: ask("-u"), gid: ask("-g") };
}

async function waitUntilAnswers(ping: () => Promise<void>, server: ChildProcess, program: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    if (server.exitCode !== null) throw new Error(`${program} ended with ${server.exitCode} before it answered`);
    try {
      return await ping();
    } catch (cause) {
      if (tries >= 300) throw new Error(`${program} did not answer within 30 s`, { cause });
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port on the loopback");
  return address.port;
}
