import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { GatewayProcess } from "../support/gateway-process.js";
import { GraphQLClient } from "../support/graphql-client.js";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("the README's first query, asked as it says, is answered as it says", async () => {
  const readme = await readFile(`${root}/README.md`, "utf8");
  const query = firstBlock(readme, "graphql");
  const promised = JSON.parse(firstBlock(readme, "json")) as { data: unknown };
  const [, command] = /TOKEN=\$\(node (.*?)\)/.exec(readme) ?? [];
  const { stdout } = await promisify(execFile)(process.execPath, String(command).split(" "), { cwd: root });

  const gateway = await GatewayProcess.start({});
  const answer = await new GraphQLClient(gateway.url).ask(query, { token: stdout.trim() });
  expect(await gateway.stop()).toBe(0);
  expect(answer.errors).toEqual([]);
  expect(answer.data).toEqual(promised.data);
});

function firstBlock(readme: string, language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s").exec(readme) ?? [];
  if (block === undefined) throw new Error(`README.md has no block of ${language}`);
  return block;
}
