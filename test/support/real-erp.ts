import { describe } from "vitest";

/**
 * As `describe`, for tests against an ERP that somebody runs for them. Skipped loudly where it is not named, in CI as well:
 * there is no package that would bring it.
 * @param variables what names it, all of them needed
 */
export function describeReal(variables: readonly string[], title: string, tests: () => void): void {
  const missing = variables.filter((name) => (process.env[name] ?? "") === "");
  if (missing.length === 0) {
    describe(title, tests);
    return;
  }
  console.warn(`\n  SKIPPED: ${title}. Set ${missing.join(" and ")} to run it.\n`);
  describe.skip(`${title} (skipped: ${missing.join(" and ")} not set)`, tests);
}
