import { expect } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { type AskOptions, authSecrets, type GraphQLAnswer, GraphQLClient } from "../support/graphql-client.js";
import { secretDetail } from "../support/port-answers.js";
import { PortFake } from "../support/port-fake.js";
import { fillBook } from "./book.js";

export const erpToken = "erp-credential-of-the-scenarios";

/** A gateway before a fake ERP with the book of book.ts. */
export interface Scenario {
  readonly erp: PortFake;
  readonly gateway: GatewayProcess;
  readonly client: GraphQLClient;
  ask(query: string, options?: AskOptions): Promise<GraphQLAnswer>;
  /** Stops both, after a look whether any answer or log line told what it must not. */
  stop(): Promise<void>;
}

/** @param env on top of what every scenario sets; in production mode unless it says otherwise */
export async function startScenario(env: Readonly<Record<string, string>> = {}): Promise<Scenario> {
  const erp = await PortFake.start();
  fillBook(erp);
  const gateway = await GatewayProcess.start({
    NODE_ENV: "production",
    ERP_CONNECTOR: "port",
    ERP_URL: erp.url,
    ERP_TOKEN: erpToken,
    AUTH_SECRETS: authSecrets,
    ...env,
  });
  const client = new GraphQLClient(gateway.url);
  return {
    erp,
    gateway,
    client,
    ask: (query, options) => client.ask(query, options),
    async stop() {
      const code = await gateway.stop();
      await erp.stop();
      expectNothingToldInAnswers(client, erp);
      expectNoSecretIn(gateway.printed);
      expect(code).toBe(0);
    },
  };
}

/** No host, port or credential of the ERP, no word of its problems and no stack in whatever a shop got to read. */
function expectNothingToldInAnswers({ texts }: GraphQLClient, erp: PortFake): void {
  const told = texts.filter((text) =>
    [String(erp.port), "127.0.0.1", "localhost", erpToken, secretDetail, "/v1/prices", "node_modules", "    at "].some(
      (secret) => text.includes(secret),
    ),
  );
  expect(told).toEqual([]);
}

export function expectNoSecretIn(printed: string): void {
  const secrets = [erpToken, ...authSecrets.split(":").slice(1), "eyJhbGciOi"];
  expect(secrets.filter((secret) => printed.includes(secret))).toEqual([]);
}
