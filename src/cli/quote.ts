import { writeFile } from "node:fs/promises";
import { Command } from "commander";
import { generateQuoteJwk } from "../pricing/quote-keys.js";
import { exitWithTwo } from "./exit-with-two.js";
import { quoteVerifyCommand } from "./quote-verify.js";

/** `pricelane quote`: what is done with quotes outside the gateway. */
export function quoteCommand(): Command {
  const key = exitWithTwo(new Command("key"))
    .description("make a new key that signs quotes, for QUOTE_KEY_FILE; prints its public half as a JWKS")
    .argument("<file>", "where to write it, readable by its owner alone; an existing file is never overwritten")
    .action(async (file: string, _flags: object, command: Command) => {
      const { d, ...publicJwk } = await generateQuoteJwk();
      try {
        await writeFile(file, `${JSON.stringify({ ...publicJwk, d })}\n`, { mode: 0o600, flag: "wx" });
      } catch (error) {
        command.error(`error: the key cannot be written: ${(error as Error).message}`, { exitCode: 2 });
      }
      command.configureOutput().writeOut?.(`${JSON.stringify({ keys: [publicJwk] })}\n`);
    });
  return exitWithTwo(new Command("quote"))
    .description("look into quotes, and make the keys that sign them")
    .addCommand(key)
    .addCommand(quoteVerifyCommand());
}
