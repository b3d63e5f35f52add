import { type DestinationStream, type Logger, pino, stdTimeFunctions } from "pino";
import { toErrorRecord } from "./error-record.js";
import { stdoutStream } from "./log-stream.js";
import { scrub } from "./redact.js";

export type { Logger } from "pino";

/** As in `LOG_LEVEL`, gravest first. */
export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Where lines go; standard output where absent. */
  readonly destination?: DestinationStream;
}

/**
 * One JSON object a line. Secrets are taken out of the finished line, not of what is logged: a credential hides as well in
 * a message, in a child's bindings or in a library's error, and pino's own redaction throws on a URL object.
 */
export function createLogger({ level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { service: "pricelane" },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: toErrorRecord, error: toErrorRecord, cause: toErrorRecord },
    hooks: { streamWrite: scrub },
  };
  return pino(options, destination ?? stdoutStream());
}
