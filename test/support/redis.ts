import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "./eventually.js";
import { freePort } from "./free-port.js";
import { parts } from "./parts.js";

const running = new Set<ChildProcess>();
// A test run that is broken off must leave no server behind.
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** A Valkey or Redis of the test's own, on the loopback. */
export class RunningRedis {
  readonly port: number;
  readonly #args: readonly string[];
  readonly #folder: string;
  #child: ChildProcess | null = null;

  private constructor(port: number, folder: string, args: readonly string[]) {
    this.port = port;
    this.#folder = folder;
    this.#args = args;
  }

  /** @param args such as "--maxmemory", "2mb" */
  static async start(...args: string[]): Promise<RunningRedis> {
    const redis = new RunningRedis(await freePort(), await mkdtemp(join(tmpdir(), "pricelane-redis-")), args);
    await redis.restart();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** Starts it on the same port, empty. */
  async restart(): Promise<void> {
    if (parts.redis === null) throw new Error("Redis is not installed: use describeWith");
    const memoryOnly = ["--save", "", "--appendonly", "no", "--dir", this.#folder];
    const args = ["--port", String(this.port), "--bind", "127.0.0.1", ...memoryOnly, ...this.#args];
    const child = spawn(parts.redis, args, { stdio: "ignore" });
    this.#child = child;
    running.add(child);
    child.once("exit", () => running.delete(child));
    await eventually("Redis listens", () => this.#listens());
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    this.#child = null;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL"); // ends a stopped process too
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.once("error", () => resolve(false));
    });
  }
}
