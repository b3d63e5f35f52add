import { Child, findFreePort, repositoryPath } from "../child.js";
import type { RunningContender } from "../contender.js";

/** As long as a window may be: nothing that is cached turns stale during a run. */
const longestWindow = String(30 * 24 * 3600);

/** The whole gateway as it is shipped, in production's settings, in front of an ERP in another process. */
export async function startGateway(erpUrl: URL, authSecrets: string): Promise<RunningContender> {
  const port = await findFreePort();
  const child = new Child({
    program: repositoryPath("dist/src/main.js"),
    env: {
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
      CHANGES_POLL_SECONDS: "0", // what the ERP says has changed would be asked again in the middle of it
      CALLER_KEYS_BURST: "100000", // one customer fills the cache for all pages at once
      PORT: String(port),
      ERP_CONNECTOR: "port",
      ERP_URL: erpUrl.href,
      AUTH_SECRETS: authSecrets,
      ...windowsOf("PRICE"),
      ...windowsOf("STOCK"),
      ...windowsOf("CUSTOMER"),
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  await child.waitFor(new URL("/readyz", origin));
  return {
    name: "gateway",
    about: "`node dist/src/main.js`: authentication, context, schema, loaders, cache, metrics",
    url: new URL("/graphql", origin),
    child,
  };
}

function windowsOf(kind: string): Record<string, string> {
  return { [`${kind}_FRESH_SECONDS`]: longestWindow, [`${kind}_STALE_SECONDS`]: longestWindow };
}
