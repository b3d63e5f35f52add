import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { repositoryPath } from "./child.js";

/** A table of Markdown that can be read on a terminal too. @param rows as many cells each as `head` */
export function toTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_title, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 3));
  const line = (cells: readonly string[]) => `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

/** @returns the path of the file, from the root of the repository */
export function saveResult(name: string, result: object): string {
  const path = `bench/results/${name}.json`;
  mkdirSync(repositoryPath("bench/results"), { recursive: true });
  writeFileSync(repositoryPath(path), `${JSON.stringify(result, null, 2)}\n`);
  return path;
}

/** @returns the path of the file, from docs/benchmarks.md */
export function saveAsset(name: string, text: string): string {
  writeFileSync(repositoryPath(`docs/assets/${name}`), text);
  return `assets/${name}`;
}

/**
 * Puts `text` in place of what stands between `<!-- name:begin -->` and `<!-- name:end -->` in docs/benchmarks.md.
 * @throws {Error} where the page lacks one of the two
 */
export function updateDocs(name: string, text: string): void {
  const path = repositoryPath("docs/benchmarks.md");
  const page = readFileSync(path, "utf8");
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`docs/benchmarks.md lacks the lines ${begin} and ${end}: put them back`);
  writeFileSync(path, `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`);
}
