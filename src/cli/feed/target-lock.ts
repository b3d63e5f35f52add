import { randomUUID } from "node:crypto";
import { type FileHandle, link, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import type { Clock } from "../../clock.js";
import { cannotWrite, FeedEnded } from "./feed-ended.js";

/** How often a run says that it still holds its lock, in ms. */
const heartbeatMs = 30_000;

/** After how long without that word a lock is a dead run's, in ms. */
const staleMs = 5 * 60_000;

/** A file that only one run at a time can have made. */
export class TargetLock {
  readonly #path: string;
  readonly #word: string;
  #cancel = () => {};

  private constructor(path: string, word: string, clock: Clock) {
    this.#path = path;
    this.#word = word;
    this.#beat(clock);
  }

  /**
   * @param clock the machine's own time, by which files are dated
   * @throws {FeedEnded} where another run holds it, or it cannot be written
   */
  static async take(path: string, clock: Clock): Promise<TargetLock> {
    const word = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() });
    for (let tries = 0; tries < 5; tries += 1) {
      if (await make(path, word)) return new TargetLock(path, word, clock);
      const holder = await readHolder(path);
      if (holder === null) continue;
      if (!(await isDead(holder, path, clock.now()))) throw held(path, holder);
      await takeAway(path, holder);
    }
    throw new FeedEnded("busy", `${path} is taken again and again by other runs: wait for them`);
  }

  /** @throws {FeedEnded} where another run took it for a dead one's, as after a sleep of the machine */
  async verify(): Promise<void> {
    if ((await readHolder(this.#path)) !== this.#word)
      throw new FeedEnded(
        "busy",
        `${this.#path} was taken by another run, since this one was silent for long: it goes on`,
      );
  }

  async release(): Promise<void> {
    this.#cancel();
    if ((await readHolder(this.#path).catch(() => null)) === this.#word)
      await rm(this.#path, { force: true }).catch(() => {});
  }

  #beat(clock: Clock): void {
    this.#cancel = clock.after(heartbeatMs, () => {
      const now = new Date(clock.now());
      utimes(this.#path, now, now).catch(() => {}); // it is judged by its process, too
      this.#beat(clock);
    });
  }
}

async function make(path: string, word: string): Promise<boolean> {
  let file: FileHandle;
  try {
    file = await open(path, "wx");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cannotWrite(path, error);
  }
  try {
    await file.writeFile(word);
    return true;
  } catch (error) {
    await rm(path, { force: true }); // else a full disk would leave a lock that nobody holds
    throw cannotWrite(path, error);
  } finally {
    await file.close();
  }
}

async function readHolder(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw cannotWrite(path, error);
  }
}

async function isDead(holder: string, path: string, now: number): Promise<boolean> {
  const madeAt = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => now,
  );
  if (now - madeAt > staleMs) return true;
  const { pid, host } = parseHolder(holder);
  // Of a process on another machine, or in another container, nothing can be seen but the age of its word.
  if (pid === null || host !== hostname()) return false;
  return pid === process.pid || !isAlive(pid);
}

function parseHolder(holder: string): { pid: number | null; host: string } {
  try {
    const { pid, host } = JSON.parse(holder) as { pid: unknown; host: unknown };
    return { pid: Number.isSafeInteger(pid) ? Number(pid) : null, host: String(host) };
  } catch {
    return { pid: null, host: "" }; // it may be about to be written
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** Takes a dead run's lock away, and gives it back where another run was quicker and it is that one's. */
async function takeAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return; // somebody else did
  }
  if ((await readHolder(aside)) !== holder) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

function held(path: string, holder: string): FeedEnded {
  const { pid, host } = parseHolder(holder);
  const who = pid === null ? "another run" : `the run with process ${pid} on ${JSON.stringify(host)}`;
  return new FeedEnded(
    "busy",
    `${path} is held by ${who}: wait for it; a dead run's lock counts no more after 5 minutes`,
  );
}
