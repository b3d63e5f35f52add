/** An answer other than 200, as an RFC 9457 problem. `detail` says what is wrong and how to mend it. */
export class PortProblem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${title}: ${detail}`);
  }
}

export function badRequest(detail: string): PortProblem {
  return new PortProblem(400, "Bad request", detail);
}

export function notFound(detail: string): PortProblem {
  return new PortProblem(404, "Not found", detail);
}

/** @param retryAfterSeconds whole seconds */
export function overloaded(status: 429 | 503, detail: string, retryAfterSeconds: number): PortProblem {
  const title = status === 429 ? "Too many requests" : "Overloaded";
  return new PortProblem(status, title, detail, { "retry-after": String(retryAfterSeconds) });
}

/** A value as it can stand in a message: as JSON, cut where it is long. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
