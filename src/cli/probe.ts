import { createInterface } from "node:readline/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { type Clock, systemClock } from "../clock.js";
import { createConnector } from "../create-connector.js";
import { type DemoErp, startDemoErp } from "../erp/demo/demo-erp.js";
import { ErpListsNoProducts } from "../errors.js";
import type { Connector } from "../pricing/connector.js";
import { verifiedCustomer } from "../pricing/keys.js";
import { readSettings } from "../read-settings.js";
import type { Settings } from "../settings.js";
import { createLogger } from "../telemetry/logger.js";
import { exitWithTwo } from "./exit-with-two.js";
import { printReport } from "./probe/print-report.js";
import { CallsSpent, ProbeCalls } from "./probe/probe-calls.js";
import { probeErp } from "./probe/probe-erp.js";
import { propose } from "./probe/propose.js";

interface Flags {
  readonly sku: readonly string[];
  readonly customer?: string;
  readonly maxCalls: number;
  readonly maxConcurrency: number;
  readonly yes?: true;
  readonly json?: true;
}

/** Calls made without being asked for more. */
const usualCalls = 200;

/** Fewer would not tell a knee: the sizes and two levels. */
const leastCalls = 40;

/** SKUs that are asked for where none is named. */
const sampleSkus = 500;

/** `pricelane probe`. Exit code 0: there is a report; 1: the ERP does not answer; 2: used wrongly. */
export function probeCommand(clock: Clock = systemClock): Command {
  const command = exitWithTwo(new Command("probe"))
    .description("measure the ERP that the environment names, and propose settings; it only reads")
    .addOption(new Option("--sku <skus...>", "SKUs for sale").default([], "the first that the ERP lists"))
    .option("--customer <code>", "measure this customer's prices (default: public ones)")
    .option(
      "--max-calls <number>",
      `most calls in all; more than ${usualCalls} are asked for first`,
      wholeFrom(leastCalls),
      usualCalls,
    )
    .option("--max-concurrency <number>", "most calls at once", wholeFrom(1), 8)
    .option("--yes", "make more calls than usual without asking")
    .option("--json", "print the report as JSON");
  return command.action((flags: Flags) => run(flags, command, clock));
}

async function run(flags: Flags, command: Command, clock: Clock): Promise<void> {
  const settings = readSettings(process.env);
  await confirm(flags, settings, command);
  const demo = settings.connector === "demo" ? await startDemoErp() : null;
  const connector = openConnector({ ...settings, erpMaxConcurrency: flags.maxConcurrency }, demo, clock, command);
  try {
    const { maxCalls, maxConcurrency, customer } = flags;
    const bounds = { maxCalls, maxConcurrency, timeoutMs: settings.erpTimeoutMs };
    const calls = new ProbeCalls({ ...bounds, clock, now: () => performance.now() });
    const skus = await chooseSkus(flags, connector, calls, command);
    const samples = { skus, customer: customer === undefined ? null : verifiedCustomer(customer) };
    const report = await probeErp(connector, calls, samples);
    const text = flags.json
      ? `${JSON.stringify({ ...report, settings: propose(report) })}\n`
      : printReport(report, connector.name);
    command.configureOutput().writeOut?.(text);
  } catch (error) {
    const mend = error instanceof CallsSpent ? ": allow more by --max-calls" : "";
    command.configureOutput().writeErr?.(`pricelane probe: ${(error as Error).message}${mend}\n`);
    process.exitCode = 1;
  } finally {
    await connector.close();
    await demo?.stop();
  }
}

function openConnector(settings: Settings, demo: DemoErp | null, clock: Clock, command: Command): Connector {
  try {
    // To stderr, so that standard output holds the report alone.
    const log = createLogger({ level: "warn", destination: { write: (line) => process.stderr.write(line) } });
    return createConnector(settings, demo, clock, log);
  } catch (error) {
    return command.error(`error: ${(error as Error).message}`, { exitCode: 2 });
  }
}

async function chooseSkus(
  { sku }: Flags,
  { products }: Connector,
  calls: ProbeCalls,
  command: Command,
): Promise<readonly string[]> {
  if (sku.length > 0) return [...new Set(sku)];
  let listed: readonly string[] = [];
  if (products !== undefined) {
    const { error } = await calls.measure(0, async (signal) => {
      listed = (await products.readPage(null, sampleSkus, signal)).skus;
      return [];
    });
    if (error !== null && !(error instanceof ErpListsNoProducts)) throw error;
  }
  if (listed.length > 0) return listed;
  return command.error("error: this ERP lists no products: name some SKUs with --sku", { exitCode: 2 });
}

/** Somebody's ERP is at work while it is probed. */
async function confirm(
  { maxCalls, maxConcurrency, yes }: Flags,
  { connector }: Settings,
  command: Command,
): Promise<void> {
  if (maxCalls <= usualCalls || yes) return;
  const question = `Make up to ${maxCalls} calls, ${maxConcurrency} at once, to the ERP of ERP_CONNECTOR=${connector}? [y/N] `;
  if (!process.stdin.isTTY)
    command.error(`error: more than ${usualCalls} calls are made with --yes alone`, { exitCode: 2 });
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await lines.question(question).finally(() => lines.close());
  if (!/^y(es)?$/i.test(answer.trim())) command.error("nothing was asked of the ERP", { exitCode: 2 });
}

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,6}$/.test(text) ? Number(text) : -1;
    if (value >= least) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} up.`);
  };
}
