import { Command, InvalidArgumentError } from "commander";
import { type DemoErp, startDemoErp } from "../erp/demo/demo-erp.js";
import { exitWithTwo } from "./exit-with-two.js";

interface DemoErpFlags {
  readonly port: number;
  readonly host: string;
  readonly skus: number;
  readonly latency: number;
  readonly perLine: number;
  readonly workers: number;
  readonly queue: number;
  readonly seed: number;
  readonly token?: string;
  readonly pricesMove?: boolean;
}

/** `demo-erp`: the demonstration ERP on its own, until SIGINT or SIGTERM. */
export function demoErpCommand(): Command {
  return exitWithTwo(new Command("demo-erp"))
    .description("serve the demonstration ERP over the ERP port, to try things out and to measure")
    .option("--port <number>", "port to listen on; 0 takes a free one", parseNumber, 4100)
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--skus <number>", "size of the catalogue", parseNumber, 5000)
    .option("--latency <ms>", "what a call takes at least", parseNumber, 40)
    .option("--per-line <ms>", "what each price line or stock SKU adds", parseNumber, 0.2)
    .option("--workers <number>", "calls worked on at once", parseNumber, 8)
    .option("--queue <number>", "calls that may wait; one more is refused", parseNumber, 32)
    .option("--seed <number>", "another seed makes another company", parseNumber, 1)
    .option("--token <token>", "bearer token to ask callers for (none unless set)")
    .option("--prices-move", "let list prices move slowly, as stock does")
    .action(run);
}

async function run(flags: DemoErpFlags, command: Command): Promise<void> {
  const { latency, perLine, ...rest } = flags;
  let erp: DemoErp;
  try {
    erp = await startDemoErp({ ...rest, latencyMs: latency, perLineMs: perLine });
  } catch (error) {
    command.error(`demo-erp: ${error instanceof Error ? error.message : error}`);
  }
  process.stdout.write(greeting(erp, flags.token));
  await signalled();
  await erp.stop();
}

/** Where it is and how to ask it. */
export function greeting({ url, demoCustomers, sampleSkus }: DemoErp, token: string | undefined): string {
  const [customer] = demoCustomers;
  const [sku] = sampleSkus;
  const lines = [{ ref: "1", customer: customer?.code ?? null, sku, quantity: "1" }];
  const header = token === undefined ? "" : ` -H 'authorization: Bearer ${token}'`;
  return [
    `The demonstration ERP listens on ${url.origin}. Ctrl-C stops it.`,
    ...demoCustomers.map(({ code, about }) => `  ${code}  ${about}`),
    "Try:",
    `  curl -s${header} ${url.origin}/v1/prices -d '${JSON.stringify({ lines })}'`,
    `  curl -s${header} ${url.origin}/v1/stock -d '${JSON.stringify({ skus: [sku] })}'`,
    `  curl -s${header} ${url.origin}/demo/stats`,
    "",
  ].join("\n");
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

function parseNumber(text: string): number {
  if (!/^[0-9]{1,15}(\.[0-9]{1,6})?$/.test(text)) throw new InvalidArgumentError("give a number from 0 up.");
  return Number(text);
}
