/** One exchange with the port, as a report shows it. */
export interface Exchange {
  /** Such as `POST /v1/prices {"lines":[…]}`. */
  readonly asked: string;
  /** Such as `HTTP 200 in 41 ms {"lines":[…]}`. */
  readonly got: string;
}

export interface Answer {
  readonly status: number;
  /** Undefined where the text is no JSON. */
  readonly json: unknown;
}

/** The port as a stranger meets it: plain HTTP, nothing believed, everything written down. */
export interface Port {
  post(path: string, body: unknown): Promise<Answer>;
  /** @param token null to send none; left out, the right one */
  get(path: string, token?: string | null): Promise<Answer>;
  /** What was asked since the last time this was called. */
  takeExchanges(): Exchange[];
}

export interface PortOptions {
  readonly url: URL;
  readonly token: string | null;
  readonly timeoutMs: number;
  /** In ms, for how long things took. */
  readonly now: () => number;
}

const longestShown = 400;

export function openPort({ url, token, timeoutMs, now }: PortOptions): Port {
  const prefix = url.href.replace(/\/+$/, "");
  let exchanges: Exchange[] = [];

  async function exchange(method: string, path: string, body: unknown, bearer: string | null): Promise<Answer> {
    const text = body === undefined ? null : JSON.stringify(body);
    const asked = shorten([method, path, ...(text === null ? [] : [text])].join(" "));
    const begun = now();
    const note = (got: string) => exchanges.push({ asked, got: shorten(got) });
    try {
      const response = await fetch(prefix + path, {
        method,
        redirect: "manual",
        signal: AbortSignal.timeout(timeoutMs),
        headers: {
          accept: "application/json",
          ...(text === null ? {} : { "content-type": "application/json" }),
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        },
        body: text,
      });
      const said = await response.text();
      note(`HTTP ${response.status} in ${Math.round(now() - begun)} ms ${said}`);
      return { status: response.status, json: parse(said) };
    } catch (error) {
      const why = reasonOf(error, timeoutMs);
      note(why);
      throw new PortSilent(why);
    }
  }

  return {
    post: (path, body) => exchange("POST", path, body, token),
    get: (path, bearer = token) => exchange("GET", path, undefined, bearer),
    takeExchanges() {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
  };
}

/** No answer came, whatever its status. */
export class PortSilent extends Error {}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, cause, message } = error as { name?: unknown; cause?: { code?: unknown }; message?: unknown };
  if (name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  return `no answer: ${cause?.code ?? message}`;
}

function shorten(text: string): string {
  return text.length > longestShown ? `${text.slice(0, longestShown)}… (${text.length} characters)` : text;
}
