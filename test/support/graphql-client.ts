import { createHmac } from "node:crypto";

export interface GraphQLErrorShape {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** An answer as it came over the wire. */
export class GraphQLAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly data: unknown;
  readonly errors: readonly GraphQLErrorShape[];

  constructor(status: number, headers: Headers, text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
    const body = parseObject(text);
    this.data = body["data"];
    this.errors = (body["errors"] ?? []) as GraphQLErrorShape[];
  }

  /** What stands at a path such as "products.0.price.net.amount"; undefined where the way there ends. */
  at(path: string): unknown {
    return path
      .split(".")
      .reduce<unknown>((value, step) => (value as Record<string, unknown> | null | undefined)?.[step], this.data);
  }

  /** The codes of all errors, in their order. */
  get codes(): unknown[] {
    return this.errors.map(({ extensions }) => extensions?.["code"]);
  }

  /** Code and retryAfterSeconds of the error at exactly this path; undefined where none is. */
  errorAt(path: string): { code: unknown; retryAfterSeconds: unknown } | undefined {
    const error = this.errors.find((candidate) => candidate.path?.join(".") === path);
    if (error === undefined) return undefined;
    return { code: error.extensions?.["code"], retryAfterSeconds: error.extensions?.["retryAfterSeconds"] };
  }

  codeAt(path: string): unknown {
    return this.errorAt(path)?.code;
  }
}

export interface AskOptions {
  readonly token?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** Asks one gateway over HTTP, and keeps the text of every answer, so that a test can look for what must be in none. */
export class GraphQLClient {
  readonly url: string;
  readonly texts: string[] = [];

  /** @param url without the path */
  constructor(url: string) {
    this.url = url;
  }

  ask(query: string, { variables, ...options }: AskOptions = {}): Promise<GraphQLAnswer> {
    return this.post(JSON.stringify({ query, variables }), options);
  }

  post(body: string | Uint8Array<ArrayBuffer>, options: AskOptions = {}): Promise<GraphQLAnswer> {
    return this.#send("/graphql", { method: "POST", body }, { "content-type": "application/json" }, options);
  }

  /** A GET with the parameters of GraphQL over HTTP. */
  get(parameters: Readonly<Record<string, string>>, options: AskOptions = {}): Promise<GraphQLAnswer> {
    const query = new URLSearchParams(parameters);
    return this.#send(`/graphql?${query}`, { method: "GET" }, { "apollo-require-preflight": "true" }, options);
  }

  async #send(path: string, init: RequestInit, headers: Record<string, string>, options: AskOptions) {
    const bearer: Record<string, string> =
      options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    const response = await fetch(this.url + path, {
      ...init,
      headers: { ...headers, ...bearer, ...options.headers },
      signal: options.signal ?? null,
    });
    const text = await response.text();
    this.texts.push(text);
    return new GraphQLAnswer(response.status, response.headers, text);
  }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** The key that the gateways of the scenarios believe, as it stands in AUTH_SECRETS. */
export const shopKey = { kid: "shop-1", secret: "a-secret-of-the-scenario-shop-0123456789" };
export const authSecrets = `${shopKey.kid}:${shopKey.secret}`;

export interface Minted {
  readonly sub?: string;
  readonly iss?: string;
  readonly scope?: string;
  readonly aud?: string;
  readonly company?: string;
  /** Seconds from now. */
  readonly expiresIn?: number;
  readonly kid?: string;
  readonly secret?: string;
}

/** Signs by hand, so that the gateway's own minting is not what vouches for its verifying. */
export function mintToken({ expiresIn = 300, kid = shopKey.kid, secret = shopKey.secret, ...claims }: Minted): string {
  const exp = Math.floor(Date.now() / 1000) + expiresIn;
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT", kid })}.${encode({ aud: "pricelane", exp, ...claims })}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}

export function buyer(customer: string, scope = "storefront"): string {
  return mintToken({ sub: customer, scope });
}
