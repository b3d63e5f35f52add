import { readFile } from "node:fs/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { bearerToken, httpAddress } from "../setting-parsers.js";
import { openPort, PortSilent } from "./conformance/port.js";
import { readSampleSkus, runChecks, type Verdict } from "./conformance/run-checks.js";
import { exitWithTwo } from "./exit-with-two.js";

interface Flags {
  readonly url: URL;
  readonly tokenFile?: string;
  readonly customer: readonly string[];
  readonly sku: readonly string[];
  readonly timeout: number;
  readonly json?: true;
}

/** SKUs that are asked for where none is named. */
const sampleSkus = 5;

/** What bounds the calls, and the lines of one call. */
const [mostCustomers, mostSkus] = [10, 20];

const marks = { pass: "ok   ", fail: "FAIL ", skip: "skip " } as const;

/** `pricelane conformance`. Exit code 0: every promise that could be checked is kept; 1: not; 2: it could not be told. */
export function conformanceCommand(): Command {
  const command = exitWithTwo(new Command("conformance"))
    .description(
      "check what serves the ERP port against each promise of docs/erp/erp-port.openapi.yaml; at most 100 calls, one at a time",
    )
    .requiredOption("--url <address>", "the port's address, as in ERP_URL", parseWith(httpAddress))
    .option("--token-file <path>", "a file that holds the bearer token, as in ERP_TOKEN")
    .addOption(
      new Option("--customer <codes...>", "codes of customers; best three, two of them of one price scope").default(
        [],
        "none",
      ),
    )
    .addOption(new Option("--sku <skus...>", "SKUs for sale").default([], "the first that /v1/products lists"))
    .option("--timeout <ms>", "how long one call may take", parseMs, 10_000)
    .option("--json", "print every verdict, with what was asked and got, as a line of JSON");
  return command.action((flags: Flags) => run(flags, command));
}

async function run({ url, tokenFile, timeout, ...flags }: Flags, command: Command): Promise<void> {
  const write = (text: string) => command.configureOutput().writeOut?.(text);
  const cannot = (message: string): never => command.error(`error: ${message}`, { exitCode: 2 });
  if (flags.customer.length > mostCustomers)
    cannot(`${mostCustomers} customers are enough: name fewer with --customer`);
  if (flags.sku.length > mostSkus) cannot(`${mostSkus} SKUs are enough: name fewer with --sku`);
  const token =
    tokenFile === undefined ? null : await readToken(tokenFile).catch((error: Error) => cannot(error.message));
  const port = openPort({ url, token, timeoutMs: timeout, now: () => performance.now() });
  const skus =
    flags.sku.length > 0
      ? flags.sku
      : await readSampleSkus(port, sampleSkus).catch((error: unknown) => {
          if (error instanceof PortSilent) return cannot(`${url.href} gives ${error.message}`);
          throw error;
        });
  if (skus.length === 0) cannot("this port lists no products: name some SKUs with --sku");
  const counts = { pass: 0, fail: 0, skip: 0 };
  for await (const verdict of runChecks(port, { skus, customers: flags.customer, token })) {
    counts[verdict.result] += 1;
    write(flags.json ? `${JSON.stringify(verdict)}\n` : describe(verdict));
  }
  if (!flags.json) write(`${counts.pass} kept, ${counts.fail} broken, ${counts.skip} not checked\n`);
  process.exitCode = counts.fail === 0 ? 0 : 1;
}

function describe({ result, id, promise, reasons, exchanges }: Verdict): string {
  const lines = [`${marks[result]}${id}: ${promise}`, ...reasons.slice(0, 10).map((reason) => `       ${reason}`)];
  if (reasons.length > 10) lines.push(`       and ${reasons.length - 10} more`);
  if (result === "fail") {
    for (const { asked, got } of exchanges.slice(-3)) lines.push(`       asked  ${asked}`, `       got    ${got}`);
  }
  return `${lines.join("\n")}\n`;
}

/** From a file, since what stands on a command line is seen by others and kept by the shell. */
async function readToken(path: string): Promise<string> {
  const text = await readFile(path, "utf8").catch((error: Error) => {
    throw new Error(`--token-file ${path} cannot be read: ${error.message}`);
  });
  try {
    return bearerToken(text.trim());
  } catch (error) {
    throw new Error(`--token-file ${path} should hold ${(error as Error).message}`);
  }
}

function parseWith<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`It should be ${(error as Error).message}.`);
    }
  };
}

function parseMs(text: string): number {
  const ms = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (ms >= 1) return ms;
  throw new InvalidArgumentError("Give a whole number of ms, from 1 to 999999.");
}
