import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/**
 * A driver is an optional package: only who asks such a database needs it. Loaded at once rather than at the first call, so
 * that a missing one stops the start.
 * @throws {Error} that names the package to install
 */
export function loadDriver<Driver>(name: string, path = name): Driver {
  try {
    return require(path) as Driver;
  } catch (cause) {
    const mend = `run \`npm install ${name}\` where Pricelane is installed`;
    throw new Error(`SQL_URL needs the optional package ${name}, which cannot be loaded: ${mend}`, { cause });
  }
}
