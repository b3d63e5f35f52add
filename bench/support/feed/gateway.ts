import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { authSecrets } from "../bench-customer.js";
import { Child, findFreePort, repositoryPath } from "../child.js";

export interface FeedGateway {
  readonly origin: string;
  readonly child: Child;
  readonly feedToken: string;
  readonly customerTokens: readonly string[];
}

/** The gateway as it is shipped, with its default windows and bounds. @param calls most at once that the ERP takes */
export async function startFeedGateway(erpUrl: URL, calls: number, env: Readonly<Record<string, string>> = {}) {
  const port = await findFreePort();
  const child = new Child({
    program: repositoryPath("dist/src/main.js"),
    env: {
      ...{ NODE_ENV: "production", LOG_LEVEL: "warn", PORT: String(port), AUTH_SECRETS: authSecrets },
      ...{ ERP_CONNECTOR: "port", ERP_URL: erpUrl.href, ERP_MAX_CONCURRENCY: String(calls) },
      CHANGES_POLL_SECONDS: "0", // what moves at the ERP would forget what buyers hold, in either case
      ...env,
    },
  });
  const origin = `http://127.0.0.1:${port}`;
  await child.waitFor(new URL("/readyz", origin));
  const feedToken = await mintToken("--scope", "feed");
  const customerTokens = await Promise.all(["C0012", "C0004", "C0005"].map((code) => mintToken("--customer", code)));
  return { origin, child, feedToken, customerTokens } satisfies FeedGateway;
}

async function mintToken(...who: readonly string[]): Promise<string> {
  const program = repositoryPath("dist/src/cli/pricelane.js");
  const env = { PATH: process.env["PATH"], AUTH_SECRETS: authSecrets };
  const { stdout } = await promisify(execFile)(process.execPath, [program, "token", ...who], { env });
  return stdout.trim();
}
