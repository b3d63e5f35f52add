import { text as readText } from "node:stream/consumers";
import { Command } from "commander";
import { type Clock, wallClock } from "../clock.js";
import { isDecimal } from "../pricing/decimal.js";
import {
  judgeQuote,
  type QuoteDemand,
  type QuoteJudgement,
  type QuoteReading,
  readQuote,
} from "../pricing/quote-reading.js";
import { exitWithTwo } from "./exit-with-two.js";
import { readQuoteJwks } from "./quote-jwks.js";

interface VerifyFlags {
  readonly jwks: string;
  readonly customer?: string;
  readonly public?: true;
  readonly sku?: string;
  readonly quantity?: string;
  readonly currency?: string;
  readonly company?: string;
  readonly json?: true;
}

interface Refusal {
  readonly why: string;
  readonly mend: string;
}

const refusals: Record<Exclude<QuoteJudgement["status"], "HONOURED">, Refusal> = {
  INVALID: {
    why: "it is of another company",
    mend: "do not charge its prices: validate the cart again; if it should be genuine, check --jwks and --company",
  },
  FOREIGN: { why: "it was promised to somebody else", mend: "do not charge its prices" },
  EXPIRED: { why: "it holds no more", mend: "validate the cart again" },
  OTHER_LINE: { why: "it promises no such SKU, quantity or currency", mend: "validate the cart again" },
};

export interface VerifyEnvironment {
  readonly clock?: Clock;
  /** Where the token is read from where it is given as "-". */
  readonly stdin?: NodeJS.ReadableStream;
}

/** `pricelane quote verify`. Exit code 0: honoured; 1: not; 2: it could not be told. */
export function quoteVerifyCommand({ clock = wallClock, stdin = process.stdin }: VerifyEnvironment = {}): Command {
  const command = new Command("verify")
    .description("tell whether a quote holds; what is not given is not compared")
    .argument("<token>", "the quote, or - to read it from stdin")
    .requiredOption("--jwks <file or URL>", "the gateway's public keys, as at /.well-known/jwks.json")
    .option("--customer <code>", "the customer it must be promised to")
    .option("--public", "it must be promised to an order at public prices")
    .option("--sku <sku>", "the SKU of a line in it; needs --quantity")
    .option("--quantity <decimal>", "the quantity of that line")
    .option("--currency <code>", "its currency")
    .option("--company <name>", "the ERP_COMPANY of the gateway (default: pricelane where it has none)")
    .option("--json", "print what was found as JSON");
  // So that "not honoured" cannot be taken for "used wrongly".
  exitWithTwo(command);

  return command.action(async (given: string, flags: VerifyFlags) => {
    const demand = toDemand(flags, command);
    const keys = await readQuoteJwks(flags.jwks).catch((error: Error) => cannot(command, error.message));
    const token = (given === "-" ? await readText(stdin) : given).trim();
    const reading = await readQuote(token, keys);
    const quote = reading.kind === "genuine" ? reading.quote : null;
    const judged: QuoteJudgement = quote === null ? { status: "INVALID" } : judgeQuote(quote, demand, clock.now());
    const { status } = judged;
    const refusal = toRefusal(status, reading);
    const { writeOut } = command.configureOutput();
    // Of a quote that is not this customer's nothing is shown: whoever asks may not be meant to know.
    const shown = status === "INVALID" || status === "FOREIGN" ? null : quote;
    if (flags.json)
      writeOut?.(
        `${JSON.stringify({ status, why: refusal?.why ?? null, mend: refusal?.mend ?? null, quote: shown })}\n`,
      );
    else {
      const verdict = refusal === null ? status : `${status}: ${refusal.why}; ${refusal.mend}`;
      writeOut?.(`${[verdict, ...(shown === null ? [] : describe(shown))].join("\n")}\n`);
    }
    process.exitCode = status === "HONOURED" ? 0 : 1;
  });
}

function toRefusal(status: QuoteJudgement["status"], reading: QuoteReading): Refusal | null {
  if (status === "HONOURED") return null;
  if (reading.kind === "invalid") return { ...refusals.INVALID, why: `the quote ${reading.why}` };
  return refusals[status];
}

function toDemand(
  { customer, sku, quantity, currency, company, ...flags }: VerifyFlags,
  command: Command,
): QuoteDemand {
  if (flags.public && customer !== undefined) cannot(command, "--public and --customer exclude each other");
  if ((sku === undefined) !== (quantity === undefined)) cannot(command, "--sku and --quantity go together");
  if (quantity !== undefined && !isDecimal(quantity))
    cannot(command, `--quantity should be an exact decimal such as 2.5, not ${JSON.stringify(quantity)}`);
  return {
    ...(flags.public ? { customer: null } : {}),
    ...(customer === undefined ? {} : { customer }),
    ...(currency === undefined ? {} : { currency }),
    ...(company === undefined ? {} : { issuer: company }),
    ...(sku === undefined || quantity === undefined ? {} : { line: { sku, quantity } }),
  };
}

function cannot(command: Command, message: string): never {
  return command.error(`error: ${message}`, { exitCode: 2 });
}

type Shown = Pick<Parameters<typeof judgeQuote>[0], "customer" | "currency" | "issuedAt" | "expiresAt" | "lines">;

function describe({ customer, currency, issuedAt, expiresAt, lines }: Shown): string[] {
  return [
    `for ${customer === null ? "an order at public prices" : `customer ${customer}`}`,
    `from ${new Date(issuedAt).toISOString()} until ${new Date(expiresAt).toISOString()}`,
    ...lines.map(
      ({ sku, quantity, net, priceUnit }) =>
        `${quantity} × ${sku} at ${net} ${currency} net${priceUnit === "1" ? "" : ` per ${priceUnit}`}`,
    ),
  ];
}
