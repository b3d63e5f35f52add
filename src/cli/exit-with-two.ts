import type { Command } from "commander";

/** Ends a command that was used wrongly with exit code 2, where commander's own would be 1. */
export function exitWithTwo(command: Command): Command {
  return command.exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
}
