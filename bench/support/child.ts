import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { CpuAnswer, CpuProfile, DelaysAnswer, ProbeQuestion } from "./cpu-probe.js";

export interface ChildOptions {
  /** The compiled program. */
  readonly program: string;
  readonly args?: readonly string[];
  /** Besides PATH, all that it sees of the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

const longestStopMs = 10_000;

/** A program in a process of its own, which can be asked for its CPU time. It ends when this process does. */
export class Child {
  readonly #process: ChildProcess;
  readonly #program: string;

  constructor({ program, args = [], env = {} }: ChildOptions) {
    this.#program = program;
    this.#process = fork(program, [...args], {
      env: { PATH: process.env["PATH"], ...env },
      execArgv: ["--import", new URL("cpu-probe.js", import.meta.url).href],
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** What the whole process has used since its start, and holds now. */
  usage(): Promise<CpuAnswer> {
    return this.#probe<CpuAnswer>({ ask: "cpu" });
  }

  /** How late its event loop was since the last question; the first one begins to look. */
  delays(): Promise<DelaysAnswer> {
    return this.#probe<DelaysAnswer>({ ask: "delays" });
  }

  async startProfile(): Promise<void> {
    await this.#probe({ ask: "profile" });
  }

  stopProfile(): Promise<CpuProfile> {
    return this.#probe<CpuProfile>({ ask: "profiled" });
  }

  /** Sends a message and gives the child's next one. One at a time. @throws {Error} where the child ends instead */
  exchange<Reply>(message: object): Promise<Reply> {
    const reply = this.nextMessage<Reply>();
    this.#process.send(message);
    return reply;
  }

  /** @throws {Error} where the child ends instead */
  async nextMessage<Message>(): Promise<Message> {
    const ended = new AbortController();
    const onExit = () => ended.abort();
    this.#process.once("exit", onExit);
    try {
      const [message] = await once(this.#process, "message", { signal: ended.signal });
      return message as Message;
    } catch (cause) {
      throw new Error(`${this.#program} ended with code ${this.#process.exitCode}: see its output above`, { cause });
    } finally {
      this.#process.off("exit", onExit);
    }
  }

  /** @throws {Error} where nothing answers 200 at `url` within 15 s */
  async waitFor(url: URL): Promise<void> {
    for (let tries = 0; tries < 150; tries++) {
      if (this.#process.exitCode !== null) break;
      const status = await fetch(url).then(
        (response) => response.status,
        () => 0,
      );
      if (status === 200) return;
      await sleep(100);
    }
    throw new Error(`${this.#program} did not come up at ${url}: see its output above`);
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    const late = setTimeout(() => this.#process.kill("SIGKILL"), longestStopMs);
    await exited;
    clearTimeout(late);
  }

  async #probe<Answer>(question: ProbeQuestion): Promise<Answer> {
    const { answered } = await this.exchange<{ answered: Answer }>(question);
    return answered;
  }
}

/** A file of the repository. This one runs from `dist-bench/bench/support`. */
export function repositoryPath(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url));
}

/** A port of the loopback that nobody listens on at the moment. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
