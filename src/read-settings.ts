import { missingForConnector } from "./connector-settings.js";
import type { Mistake, Setting } from "./setting.js";
import { contradictions, type Environment } from "./setting-checks.js";
import { type Settings, settingsTable } from "./settings.js";
import { scrub } from "./telemetry/redact.js";

/** Every mistake in the environment, each with its mend. */
export class SettingsInvalid extends Error {
  readonly mistakes: readonly string[];
  constructor(mistakes: readonly string[]) {
    super(`the settings cannot be used:\n${mistakes.map((mistake) => `  - ${mistake}`).join("\n")}`);
    this.mistakes = mistakes;
  }
}

/**
 * @param env such as `process.env`; a variable that is empty counts as left out
 * @throws {SettingsInvalid} naming every mistake at once
 */
export function readSettings(env: Environment): Settings {
  const unreadable: Mistake[] = [];
  const values = Object.entries(settingsTable).map(([name, row]: [string, Setting<unknown>]) => {
    const given = env[row.env]?.trim();
    const written = given === undefined || given === "" ? row.default : given;
    try {
      return [name, written === null ? null : row.parse(written)];
    } catch (error) {
      // Of an address with a user or a query in it, which is a mistake, those may be a credential.
      const shown = row.isSecret ? "" : `, not ${scrub(JSON.stringify(written))}`;
      unreadable.push({ variables: [row.env], message: `${row.env} should be ${(error as Error).message}${shown}` });
      return [name, row.default === null ? null : row.parse(row.default)];
    }
  });
  const settings = Object.fromEntries(values) as Settings;
  const named = new Set(unreadable.flatMap(({ variables }) => variables));
  // What could not be read stands at its default here, and would be blamed twice.
  const others = [...missingForConnector(settings), ...contradictions(settings, env)].filter(
    ({ variables }) => !variables.some((variable) => named.has(variable)),
  );
  const mistakes = [...unreadable, ...others].map(({ message }) => message);
  if (mistakes.length > 0) throw new SettingsInvalid(mistakes);
  return settings;
}

/** Variables that look like settings of ours and are none: typing errors, most likely. */
export function strangeSettings(env: Environment): string[] {
  const known = new Set<string>(Object.values(settingsTable).map((row) => row.env));
  const ours =
    /^(ERP|TRYTON|ODOO|DOLIBARR|ERPNEXT|SQL|BC|SAPB1|PRICE|STOCK|CUSTOMER|CACHE|CHANGES|AUTH|DEADLINE|CORS|MAX|METRICS|QUOTE|VALKEY|FLEET|CALLER|TRUST|CHECKOUT|JOURNAL|FEED)_/;
  return Object.keys(env).filter((name) => ours.test(name) && !known.has(name));
}
