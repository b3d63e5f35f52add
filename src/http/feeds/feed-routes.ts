import { BadUserInput, Forbidden, GatewayError } from "../../errors.js";
import type { FeedFormatName } from "../../feed/formats/feed-format.js";
import { withRemoteParent, withSpan } from "../../telemetry/traces.js";
import type { Authenticator } from "../authentication.js";
import type { Route } from "../http-server.js";
import { refuseStream } from "./feed-refusals.js";
import { parseFeedRequest } from "./feed-request.js";
import { FullRuns } from "./full-runs.js";
import { type FeedCall, type RunFeedOptions, runFeed } from "./run-feed.js";

export interface FeedRoutesOptions extends Omit<RunFeedOptions, "fullRuns"> {
  readonly authenticator: Authenticator;
}

const paths: Readonly<Record<string, FeedFormatName>> = {
  "/feeds/ndjson": "ndjson",
  "/feeds/google.tsv": "google-tsv",
  "/feeds/google.xml": "google-xml",
  "/feeds/amazon.json": "amazon-json",
};

// By HTTP/1.0 the end of the connection is the end of the body: a file that broke off would pass for whole.
const needsHttp11 =
  "This file needs HTTP/1.1, by which a reader sees whether it is whole: let the proxy in between speak it (nginx: `proxy_http_version 1.1`).";

/** The feeds by plain HTTP, by their paths. */
export function createFeedRoutes(given: FeedRoutesOptions): Readonly<Record<string, Route>> {
  const options = { ...given, fullRuns: new FullRuns() };
  options.metrics.observe("feed_streams", () => options.streams.running);
  const routes = Object.entries(paths).map(([path, name]): [string, Route] => [
    path,
    (request, response, search) =>
      withRemoteParent(request.headers, () =>
        withSpan("feed stream", {}, () => answer({ name, request, response }, search, options), { kind: "server" }),
      ),
  ]);
  return Object.fromEntries(routes);
}

async function answer(call: FeedCall, search: string, options: FeedRoutesOptions & RunFeedOptions): Promise<void> {
  const { name, request, response } = call;
  const { authenticator, metrics } = options;
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.writeHead(405, { allow: "GET, HEAD", "cache-control": "no-store" }).end();
    return;
  }
  try {
    const caller = await authenticator.authenticate(request.headers.authorization);
    if (!caller.scopes.has("feed")) throw new Forbidden("The feed needs a token whose `scope` holds the word `feed`.");
    if (name !== "ndjson" && request.httpVersion === "1.0") throw new BadUserInput(needsHttp11);
    await runFeed(call, parseFeedRequest(name, search), caller, options);
  } catch (error) {
    if (!(error instanceof GatewayError) || response.headersSent) throw error;
    metrics.errorSent(error.code);
    metrics.streamEnded(name, "refused");
    refuseStream(response, error);
  }
}
