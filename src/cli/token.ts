import { Command, InvalidArgumentError } from "commander";
import { type Clock, wallClock } from "../clock.js";
import { isCustomerCode, knownScopes } from "../http/auth-claims.js";
import { mintToken } from "../http/mint-token.js";
import { exitWithTwo } from "./exit-with-two.js";

/** HS256 keys and the audience, from the settings. The first key signs where none is named. */
export interface SigningKeys {
  readonly secrets: readonly { readonly kid: string; readonly secret: Uint8Array }[];
  readonly audience: string;
}

export interface TokenCommandEnvironment {
  readKeys(): SigningKeys;
  readonly clock?: Clock;
}

interface TokenArguments {
  readonly customer?: string;
  readonly scope: readonly string[];
  readonly minutes: number;
  readonly kid?: string;
  readonly audience?: string;
  readonly company?: string;
}

/** A month: longer than trying out needs, and a token cannot be called back. */
const maxMinutes = 30 * 1440;

/** `pricelane token`: mints a token for trying out. Stdout gets the token alone, so that it can be piped. */
export function tokenCommand({ readKeys, clock = wallClock }: TokenCommandEnvironment): Command {
  const command = exitWithTwo(new Command("token"))
    .description("mint a token for trying out, signed with a key of AUTH_SECRETS")
    .option(
      "--customer <code>",
      "the ERP's customer code; absent for a machine, which sees public prices",
      parseCustomer,
    )
    .option("--scope <words>", `words separated by spaces: ${knownScopes.join(", ")}`, parseScope, ["storefront"])
    .option("--minutes <number>", `how long it is good for, 1 to ${maxMinutes}`, parseMinutes, 60)
    .option("--kid <kid>", "the key to sign with (default: the first)")
    .option("--audience <name>", "the aud of the token (default: AUTH_AUDIENCE)", parseText)
    .option("--company <name>", "the ERP company that the token is good for (default: any)", parseText);

  return command.action(async (given: TokenArguments) => {
    const { secrets, audience } = readKeys();
    const key = chooseKey(secrets, given.kid, command);
    const token = await mintToken({
      key,
      audience: given.audience ?? audience,
      customer: given.customer ?? null,
      scopes: given.scope,
      minutes: given.minutes,
      company: given.company ?? null,
      now: clock.now(),
    });
    const { writeOut, writeErr } = command.configureOutput();
    writeErr?.(hint(given, key.kid));
    writeOut?.(`${token}\n`);
  });
}

function chooseKey(secrets: SigningKeys["secrets"], kid: string | undefined, command: Command) {
  const key = kid === undefined ? secrets[0] : secrets.find((secret) => secret.kid === kid);
  if (key !== undefined) return key;
  if (secrets.length === 0) {
    return command.error(
      "error: AUTH_SECRETS has no key to sign with; set it to kid:secret, e.g. shop-1:<32 bytes or more>",
    );
  }
  const known = secrets.map((secret) => secret.kid).join(", ");
  return command.error(`error: AUTH_SECRETS has no key ${JSON.stringify(kid)}; it has ${known}`);
}

function hint({ customer, scope, minutes }: TokenArguments, kid: string): string {
  const who = customer === undefined ? "a machine (no --customer: public prices)" : `customer ${customer}`;
  const what = `${who}, scope ${JSON.stringify(scope.join(" "))}, ${minutes} minutes, key ${kid}`;
  return `A token for ${what}. Send it as: Authorization: Bearer <token>\n`;
}

function parseCustomer(text: string): string {
  if (isCustomerCode(text)) return text;
  throw new InvalidArgumentError("A customer code has 1 to 200 characters and no control characters.");
}

function parseScope(text: string): string[] {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const known: readonly string[] = knownScopes;
  const stranger = words.find((word) => !known.includes(word));
  if (stranger === undefined && words.length > 0) return [...new Set(words)];
  const problem = stranger === undefined ? "It names no scope." : `There is no scope ${JSON.stringify(stranger)}.`;
  throw new InvalidArgumentError(`${problem} Known: ${knownScopes.join(", ")}.`);
}

function parseMinutes(text: string): number {
  const minutes = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (minutes >= 1 && minutes <= maxMinutes) return minutes;
  throw new InvalidArgumentError(`Give a whole number from 1 to ${maxMinutes} (30 days).`);
}

function parseText(text: string): string {
  if (text.trim() !== "") return text;
  throw new InvalidArgumentError("It must not be empty.");
}
