import type { Reporter, TestModule } from "vitest/node";

/** Says at the very end what was not run, and why: `describeWith` and `describeReal` write the reason into the title. */
export default class SkippedReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const titles = modules.flatMap((module) =>
      [...module.children.allSuites()].map(({ name }) => name).filter((name) => / \(skipped: .*\)$/s.test(name)),
    );
    if (titles.length === 0) return;
    const lines = [...new Set(titles)].sort().map((title) => `  ${title}`);
    process.stderr.write(`\nNOT TESTED on this machine:\n${lines.join("\n")}\n`);
  }
}
