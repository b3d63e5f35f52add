import { GatewayError } from "../errors.js";

/** What a log line tells of an error. Fields are picked by name: an error may carry requests, headers or an ERP's dump. */
export interface ErrorRecord {
  readonly type: string;
  readonly message: string;
  /** Absent for what is no {@link GatewayError}: a bug, or a library's error that nobody translated. */
  readonly code?: string;
  /** The messages of the causes, nearest first. */
  readonly cause?: string;
  /** Only of what is no {@link GatewayError}: a foreseen error is found by its code. */
  readonly stack?: string;
}

/** Causes beyond these tell nothing new; a circle of causes must end. */
const maxCauses = 4;

export function toErrorRecord(error: unknown): ErrorRecord {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const causes = causesOf(error);
  return {
    type: error.constructor.name,
    message: describe(error),
    ...(error instanceof GatewayError ? { code: error.code } : {}),
    ...(causes.length > 0 ? { cause: causes.join(": ") } : {}),
    ...(!(error instanceof GatewayError) && error.stack !== undefined ? { stack: error.stack } : {}),
  };
}

function causesOf(error: Error): string[] {
  const causes: string[] = [];
  let cause = error.cause;
  while (cause !== undefined && cause !== null && causes.length < maxCauses) {
    causes.push(cause instanceof Error ? describe(cause) : String(cause));
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function describe(error: Error): string {
  if (error.message !== "") return error.message;
  // A refused connection to a name with two addresses is an AggregateError with a code and no message.
  const { code } = error as { code?: unknown };
  return typeof code === "string" ? code : error.constructor.name;
}
