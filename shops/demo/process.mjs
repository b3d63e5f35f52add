import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const endWithParent = new URL("end-with-parent.mjs", import.meta.url).href;
const startMs = 15_000;

/** A program of this project in a process of its own, which may be killed and started again. */
export class DemoProcess {
  #name;
  #options;
  #child = null;

  /** @param options { args: Node's, env: all it sees beside PATH, readyAt: a URL that answers 200 once it serves } */
  constructor(name, options) {
    this.#name = name;
    this.#options = options;
  }

  get isRunning() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Does nothing where it runs. @throws {Error} when it ended at once, or does not serve in time */
  async start() {
    if (!this.isRunning) this.#child = this.#spawn();
    const giveUpAt = Date.now() + startMs;
    while (Date.now() < giveUpAt) {
      await pause(50);
      if (!this.isRunning) throw new Error(`the ${this.#name} ended at once: is its port taken?`);
      const isReady = await fetch(this.#options.readyAt).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
    }
    throw new Error(`the ${this.#name} did not serve within ${startMs} ms`);
  }

  /** As a power cut would: no time to say goodbye. Comes back once it is gone, so that `start` does not take it for running. */
  async kill() {
    if (!this.isRunning) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }

  #spawn() {
    const { args, env } = this.#options;
    return spawn(process.execPath, ["--import", endWithParent, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH ?? "", ...env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
  }
}
