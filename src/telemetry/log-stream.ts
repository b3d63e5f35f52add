import { write, writeSync } from "node:fs";
import type { DestinationStream } from "pino";

/** How long a reader that takes nothing (EAGAIN) is left alone before it is tried again, in ms. */
const pauseMs = 50;

/** How long a reader that takes nothing (EAGAIN) may hold up the last lines as the process ends, in ms. A descriptor that blocks instead
 * keeps the process until its reader takes them, or is gone. */
const lastMs = 1_000;

/** What may wait for a reader that stands still, in characters. */
const mostWaitingUnlessSaid = 8 * 1024 * 1024;

/**
 * Lines to a file descriptor, off the event loop. What cannot be written is lost, since neither a reader that is gone (EPIPE)
 * nor a full disk (ENOSPC) may end the process or keep it from ending; each later line is tried anew. pino's own stream
 * ends the process for any error but EPIPE, and on EPIPE its `flushSync` tries for ever. What is more than may wait is lost as well, and counted in a
 * line of its own once the reader takes lines again.
 */
export class LogStream implements DestinationStream {
  readonly #fd: number;
  readonly #mostWaiting: number;
  #waiting = "";
  #isWriting = false;
  /** The rest of what is being written, while its reader is left alone. */
  #paused: Buffer = Buffer.alloc(0);
  #lost = 0;

  /** @param mostWaiting in characters */
  constructor(fd: number, mostWaiting = mostWaitingUnlessSaid) {
    this.#fd = fd;
    this.#mostWaiting = mostWaiting;
  }

  write(line: string): void {
    if (this.#waiting.length + line.length > this.#mostWaiting) {
      this.#lost++;
      return;
    }
    this.#waiting += line;
    if (!this.#isWriting) this.#writeWaiting();
  }

  /** Writes what waits before it returns, for the end of the process. What is being written already is the system's. */
  flushSync(): void {
    let rest = Buffer.concat([this.#takePaused(), this.#takeWaiting()]);
    for (let leftMs = lastMs; rest.length > 0 && leftMs > 0; ) {
      try {
        rest = rest.subarray(writeSync(this.#fd, rest));
      } catch (error) {
        if (!isBusy(error)) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs);
        leftMs -= pauseMs;
      }
    }
  }

  #takePaused(): Buffer {
    const rest = this.#paused;
    this.#paused = Buffer.alloc(0);
    return rest;
  }

  #takeWaiting(): Buffer {
    const lines = Buffer.from(this.#lost === 0 ? this.#waiting : `${this.#waiting}${lostLine(this.#lost)}`);
    this.#waiting = "";
    this.#lost = 0;
    return lines;
  }

  #writeWaiting(): void {
    const lines = this.#takeWaiting();
    this.#isWriting = lines.length > 0;
    if (this.#isWriting) this.#writeWhole(lines);
  }

  #writeWhole(bytes: Buffer): void {
    write(this.#fd, bytes, (error, written) => {
      if (error !== null && isBusy(error)) this.#pause(bytes);
      else if (error === null && written < bytes.length) this.#writeWhole(bytes.subarray(written));
      else this.#writeWaiting();
    });
  }

  #pause(rest: Buffer): void {
    this.#paused = rest;
    setTimeout(() => this.#writeWhole(this.#takePaused()), pauseMs);
  }
}

function lostLine(count: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: "warn", time, service: "pricelane", count, msg: "log lines were lost: nobody took them" })}\n`;
}

function isBusy(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EAGAIN" || code === "EBUSY";
}

let stdout: LogStream | null = null;

/** The one stream to standard output; its last lines are written as the process exits. */
export function stdoutStream(): LogStream {
  if (stdout !== null) return stdout;
  const stream = new LogStream(1);
  process.on("exit", () => stream.flushSync());
  stdout = stream;
  return stream;
}
