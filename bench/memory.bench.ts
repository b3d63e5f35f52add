import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { MemoryFigures } from "./memory/measure.js";
import { median } from "./support/figures.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult, toTable, updateDocs } from "./support/report.js";

// Question: what does a cached answer take in memory where there are a million, what does that cost the collector, and what does a
// lookup cost? Method and meaning: docs/benchmarks.md.

const contenders = [
  { name: "lru-cache", shown: "lru-cache: strings to objects" },
  { name: "lru-cache-names", shown: "the same, found by names" },
  { name: "slab", shown: "slab of integers (an idea)" },
  { name: "prices", shown: "Pricelane: ladders" },
  { name: "cached-prices", shown: "ladders, whole cache" },
  { name: "stocks", shown: "Pricelane: stocks" },
] as const;
const goalBytes = { first: 250, last: 90 };
/** Whose figures the goals are for. */
const judged = "prices";

interface Measured {
  readonly name: string;
  readonly shown: string;
  readonly rounds: readonly MemoryFigures[];
}

function main(): void {
  const { values } = parseArgs({
    options: { entries: { type: "string", default: "1000000" }, rounds: { type: "string", default: "3" } },
  });
  const plan = { entries: Number(values.entries), rounds: Number(values.rounds) };
  const startedAt = new Date();
  const loadAverageBefore = readLoadAverage();
  const [commit, machine] = [readCommit(), readMachine()];
  const measured = measure(plan);

  const table = `${toMemoryTable(measured)}\n\n${toTimeTable(measured)}`;
  const date = startedAt.toISOString().slice(0, 10);
  const path = saveResult(`memory-${date}-${commit.commit}`, {
    benchmark: "memory",
    startedAt: startedAt.toISOString(),
    ...commit,
    machine: { ...machine, loadAverageBefore, loadAverageAfter: readLoadAverage() },
    plan,
    goalBytes,
    measured,
  });
  const where = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node.slice(1)}`;
  const what = `commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}`;
  const count = plan.entries.toLocaleString("en");
  const caption = `${date}, ${what}, ${where}; load average before the run ${loadAverageBefore}; ${count} answers, ${plan.rounds} rounds. All rounds: \`${path}\`.`;
  if (plan.entries === 1_000_000) updateDocs("memory", `${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\n`);
}

/** All contenders in turn, round after round, each in a process of its own. */
function measure({ entries, rounds }: { readonly entries: number; readonly rounds: number }): Measured[] {
  const program = fileURLToPath(new URL("memory/measure.js", import.meta.url));
  const figures = new Map<string, MemoryFigures[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name } of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const args = ["--expose-gc", "--max-old-space-size=4096", program, name, String(entries)];
      const written = execFileSync(process.execPath, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
      figures.get(name)?.push(JSON.parse(written) as MemoryFigures);
    }
  }
  return contenders.map(({ name, shown }) => ({ name, shown, rounds: figures.get(name) ?? [] }));
}

function toMemoryTable(measured: readonly Measured[]): string {
  const head = [
    "contender",
    "bytes an answer",
    "once read",
    "full collection",
    "longest pause",
    "pauses in all",
    "goal",
  ];
  const rows = measured.map(({ name, shown, rounds }) => {
    const of = (figure: (figures: MemoryFigures) => number) => median(rounds.map(figure));
    const bytes = of(({ bytesPerEntryRead }) => bytesPerEntryRead);
    const goal = `≤ ${goalBytes.first}: ${bytes <= goalBytes.first ? "met" : "not met"}; ≤ ${goalBytes.last}: ${bytes <= goalBytes.last ? "met" : "not met"}`;
    return [
      shown,
      `**${of(({ bytesPerEntry }) => bytesPerEntry).toFixed(0)}**`,
      `**${bytes.toFixed(0)}**`,
      `${of(({ fullCollectionMs }) => fullCollectionMs).toFixed(0)} ms`,
      `${of(({ pauseMaxMs }) => pauseMaxMs).toFixed(1)} ms`,
      `${of(({ pauseTotalMs }) => pauseTotalMs).toFixed(0)} ms`,
      name === judged ? goal : "",
    ];
  });
  return toTable(head, rows);
}

function toTimeTable(measured: readonly Measured[]): string {
  const head = [
    "contender",
    "CPU a lookup, read of late",
    "by Zipf's law",
    "CPU a replacement",
    "forget an SKU",
    "a customer",
  ];
  const rows = measured.map(({ shown, rounds }) => {
    const of = (figure: (figures: MemoryFigures) => number) => median(rounds.map(figure));
    const forgotten = (which: "forgetSku" | "forgetCustomer") => {
      const answers = rounds[0]?.[which]?.answers;
      return answers === undefined ? "–" : `${of((figures) => figures[which]?.ms ?? 0).toFixed(1)} ms (${answers})`;
    };
    return [
      shown,
      `${of(({ hotNanos }) => hotNanos).toFixed(0)} ns`,
      `${of(({ zipfNanos }) => zipfNanos).toFixed(0)} ns`,
      `${of(({ replaceMicros }) => replaceMicros).toFixed(1)} µs`,
      forgotten("forgetSku"),
      forgotten("forgetCustomer"),
    ];
  });
  return toTable(head, rows);
}

main();
