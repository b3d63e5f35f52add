import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { eventually } from "./eventually.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface LogLine {
  readonly msg: string;
  readonly level: string;
  readonly url?: string;
}

/** The built gateway as a process of its own, as in production. */
export class GatewayProcess {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #output: Output;

  private constructor(url: string, child: ChildProcess, output: Output) {
    this.url = url;
    this.#child = child;
    this.#output = output;
  }

  /** @param env all that the process sees of the environment, besides a free port. @returns once it is ready */
  static async start(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
    const gateway = await GatewayProcess.listen(env);
    try {
      await eventually("the gateway is ready", async () => (await fetch(`${gateway.url}/readyz`)).ok);
      return gateway;
    } catch (error) {
      await gateway.stop("SIGKILL"); // else nobody would
      throw error;
    }
  }

  /** As {@link start}. @returns as soon as it listens */
  static async listen(env: Readonly<Record<string, string>>): Promise<GatewayProcess> {
    const { child, output } = spawnGateway({ PORT: "0", ...env });
    try {
      const lookForUrl = () => {
        if (child.exitCode !== null) throw new Error(`the gateway ended at once:\n${output.all}`);
        return output.lines().find(({ msg }) => msg === "listening")?.url;
      };
      // Six that start at once on two busy cores take more than ten seconds.
      const url = await eventually("the gateway listens", lookForUrl, { withinMs: 30_000 });
      return new GatewayProcess(url.replace(/\/$/, ""), child, output);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** Runs it where it is expected not to start. @returns exit code and everything it printed */
  static async run(env: Readonly<Record<string, string>>): Promise<{ code: number | null; printed: string }> {
    const { child, output } = spawnGateway({ PORT: "0", ...env });
    const ended = waitForEnd(child);
    const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
    const code = await ended;
    clearTimeout(timer);
    return { code, printed: output.all };
  }

  /** The JSON lines of standard output so far. */
  get logs(): LogLine[] {
    return this.#output.lines();
  }

  /** Everything printed so far, on standard output and standard error. */
  get printed(): string {
    return this.#output.all;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** @returns the exit code once the process has ended, by itself or after the signal */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const ended = waitForEnd(this.#child);
    this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 12_000);
    const code = await ended;
    clearTimeout(timer);
    return code;
  }
}

class Output {
  all = "";
  #stdout = "";

  constructor(child: ChildProcess) {
    child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString("utf8");
      this.all += chunk.toString("utf8");
    });
    child.stderr?.on("data", (chunk: Buffer) => {
      this.all += chunk.toString("utf8");
    });
  }

  lines(): LogLine[] {
    const complete = this.#stdout.split("\n").slice(0, -1);
    return complete.map((line) => JSON.parse(line) as LogLine);
  }
}

function spawnGateway(env: Readonly<Record<string, string>>): { child: ChildProcess; output: Output } {
  const child = spawn(process.execPath, ["dist/src/main.js"], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { child, output: new Output(child) };
}

function waitForEnd(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("close", (code) => resolve(code)));
}
