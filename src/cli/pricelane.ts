#!/usr/bin/env node
import { Command } from "commander";
import { believedKeys } from "../demo-key.js";
import { readSettings, SettingsInvalid } from "../read-settings.js";
import { printSettings } from "../settings.js";
import { readVersion } from "../version.js";
import { conformanceCommand } from "./conformance.js";
import { demoErpCommand } from "./demo-erp.js";
import { exitWithTwo } from "./exit-with-two.js";
import { feedCommand } from "./feed.js";
import { probeCommand } from "./probe.js";
import { quoteCommand } from "./quote.js";
import { type SigningKeys, tokenCommand } from "./token.js";

const start = async () => {
  await import("../main.js");
};

const program = exitWithTwo(new Command("pricelane"))
  .description("A GraphQL gateway that shows true ERP prices and stock in a web shop, live, without drowning the ERP.")
  .version(readVersion())
  .helpCommand(true)
  .allowExcessArguments()
  .action(async (_flags: object, { args: [stranger] }: Command) => {
    if (stranger === undefined) return start();
    program.error(`error: there is no command ${JSON.stringify(stranger)}; \`pricelane --help\` lists them`);
  });

program
  .command("start")
  .description(
    "start the gateway, as without a command; everything is set by the environment, see `pricelane settings`",
  )
  .allowExcessArguments(false)
  .action(start);

program
  .command("settings")
  .description("print every setting, its default and its meaning")
  .action(() => {
    process.stdout.write(printSettings());
  });

program.addCommand(tokenCommand({ readKeys }));
program.addCommand(
  feedCommand({
    readKeys,
    token: process.env["PRICELANE_TOKEN"] || null,
    readSafetyStock: (channel) => readSettings(process.env).feedSafetyStock.get(channel) ?? "0",
  }),
);
program.addCommand(demoErpCommand());
program.addCommand(quoteCommand());
program.addCommand(conformanceCommand());
program.addCommand(probeCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof SettingsInvalid)) throw error;
  program.error(`pricelane: ${error.message}`);
}

function readKeys(): SigningKeys {
  const settings = readSettings(process.env);
  return { secrets: believedKeys(settings), audience: settings.authAudience };
}
