import type { Logger } from "../../src/telemetry/logger.js";

/** Keeps what is warned of, and what the warning says of why. */
export function createLogger(lines: string[]): Logger {
  const warn = ({ why, err }: { why?: string; err?: Error }, message: string) =>
    lines.push(why ?? `${message}: ${err?.message}`);
  return { info() {}, debug() {}, warn } as unknown as Logger;
}
