import { VirtualClock } from "../test/support/virtual-clock.js";
import {
  createDataLoaderAlone,
  createFixedWindows,
  createPricelane,
  type Page,
  type ReadPage,
} from "./erp-load/contenders.js";
import { hangingPlan, mostOverLimit } from "./erp-load/hanging.js";
import { type Demand, leastCalls, leastKeys } from "./erp-load/minimum.js";
import { createRandom, createZipf, drawWait } from "./erp-load/random.js";
import { SimulatedErp } from "./erp-load/simulated-erp.js";
import { readCommit, readLoadAverage, readMachine } from "./support/machine.js";
import { saveResult, toTable, updateDocs } from "./support/report.js";

// Question: how much more than the least possible is the ERP asked? Under virtual time: the real loaders, cache and dispatch
// before a simulated ERP. Method and meaning: docs/benchmarks.md.

/** The defaults of PRICE_FRESH_SECONDS and STOCK_FRESH_SECONDS, in ms. */
const freshMs = { price: 60_000, stock: 15_000 };
const erpPlan = { workers: 16, callMs: 50, keysPerCall: 200 };
const skusPerPage = 24;
/** Pages that come one by one, for the count of keys: few customers and SKUs, so that keys are asked for again and again. */
const trickle = { pages: 20_000, meanWaitMs: 50, customers: 20, skus: 500 };
/** Viewers who each open the next page as soon as they have the last one. */
const crowd = { pages: 3_000, viewers: 100, customers: 200, skus: 20_000 };
/** The mean time that those viewers look at a page where the ERP must be able to carry them, in ms. */
const lookMs = 500;
/** Pages that nobody asked for before, each long after the last one was answered. */
const idle = { pages: 500, everyMs: 1_000 };

interface Run {
  readonly keys: number;
  readonly calls: number;
  readonly leastKeys: number;
  readonly leastCalls: number;
  readonly callsPerPage: number;
  readonly p50Ms: number;
  /** What the page took beyond the one ERP call that it cannot do without. */
  readonly p99AddedMs: number;
  readonly mostInFlight: number;
  /** Share of keys that were refused or failed, and how many for which reason. */
  readonly unanswered: number;
  readonly reasons: Readonly<Record<string, number>>;
}

type Create = (erp: SimulatedErp, clock: VirtualClock) => ReadPage;
type Load = (clock: VirtualClock, read: (page: Page) => Promise<void>, drawPage: () => Page) => Promise<void>;

function createPages(customers: number, skus: number): () => Page {
  const random = createRandom(7);
  const [drawCustomer, drawSku] = [createZipf(customers, random), createZipf(skus, random)];
  return () => {
    const wanted = new Set<string>();
    while (wanted.size < skusPerPage) wanted.add(`S${drawSku()}`);
    return { customer: `C${drawCustomer()}`, skus: [...wanted] };
  };
}

async function run(create: Create, load: Load, drawPage: () => Page, mixesCustomers: boolean): Promise<Run> {
  const clock = new VirtualClock(0);
  const erp = new SimulatedErp({ ...erpPlan, clock, mixesCustomers });
  const read = create(erp, clock);
  const demands: Demand[] = [];
  const latencies: number[] = [];
  const reasons: Record<string, number> = {};
  const note = async (page: Page) => {
    const at = clock.now();
    demands.push(...toDemands(page, at, mixesCustomers));
    for (const reason of await read(page)) reasons[reason] = (reasons[reason] ?? 0) + 1;
    latencies.push(clock.now() - at);
  };
  await load(clock, note, drawPage);
  const asked = leastKeys(demands);
  if (latencies.length === 0 || asked.length === 0) throw new Error("no page was answered: nothing was measured");
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    keys: erp.keys,
    calls: erp.calls,
    leastKeys: asked.length,
    leastCalls: leastCalls(asked, { keysPerCall: erpPlan.keysPerCall, roundTripMs: erpPlan.callMs }),
    callsPerPage: erp.calls / latencies.length,
    p50Ms: sorted[Math.floor(latencies.length / 2)] as number,
    p99AddedMs: (sorted[Math.ceil(0.99 * latencies.length) - 1] as number) - erpPlan.callMs,
    mostInFlight: erp.mostInFlight,
    unanswered: Object.values(reasons).reduce((sum, count) => sum + count, 0) / demands.length,
    reasons,
  };
}

function toDemands({ customer, skus }: Page, at: number, mixesCustomers: boolean): Demand[] {
  const group = mixesCustomers ? "price" : `price ${customer}`;
  return skus.flatMap((sku) => [
    { id: `price ${customer} ${sku}`, group, at, freshMs: freshMs.price },
    { id: `stock ${sku}`, group: "stock", at, freshMs: freshMs.stock },
  ]);
}

const runTrickle: Load = async (clock, read, drawPage) => {
  const random = createRandom(11);
  const pages: Promise<void>[] = [];
  for (let page = 0; page < trickle.pages; page++) {
    pages.push(read(drawPage()));
    await clock.advance(Math.round(drawWait(trickle.meanWaitMs, random)));
  }
  await clock.advance(10_000);
  await Promise.all(pages);
};

function crowdThatLooks(meanMs: number): Load {
  return async (clock, read, drawPage) => {
    const random = createRandom(13);
    let [opened, done] = [0, 0];
    const view = async () => {
      while (opened < crowd.pages) {
        opened++;
        await read(drawPage());
        if (meanMs > 0) await new Promise<void>((resolve) => clock.after(drawWait(meanMs, random), resolve));
      }
      done++;
    };
    const viewers = Array.from({ length: crowd.viewers }, view);
    while (done < crowd.viewers) await clock.advance(erpPlan.callMs);
    await Promise.all(viewers);
  };
}

const idleWith =
  (customerOf: (page: number) => string): Load =>
  async (clock, read) => {
    for (let page = 0; page < idle.pages; page++) {
      const skus = Array.from({ length: skusPerPage }, (_, n) => `S${page * skusPerPage + n}`);
      const reading = read({ customer: customerOf(page), skus });
      await clock.advance(idle.everyMs);
      await reading;
    }
  };

const pricelane: Create = (erp, clock) => createPricelane(erp, clock, createRandom(3));
const withoutJitter: Create = (erp, clock) => createPricelane(erp, clock, () => 0);

async function measure() {
  const trickled = (create: Create) => run(create, runTrickle, createPages(trickle.customers, trickle.skus), true);
  const idled = (create: Create, customerOf: (page: number) => string) =>
    run(create, idleWith(customerOf), createPages(1, skusPerPage), true);
  const known = () => "C";
  const isNew = (page: number) => `C${page}`;
  const crowded = (create: Create, mixes: boolean) =>
    run(create, crowdThatLooks(mixes ? 0 : lookMs), createPages(crowd.customers, crowd.skus), mixes);
  return {
    trickle: { own: await trickled(pricelane), alone: await trickled(createDataLoaderAlone) },
    withoutJitter: await trickled(withoutJitter),
    mixed: {
      own: await crowded(pricelane, true),
      alone: await crowded(createDataLoaderAlone, true),
      windows: await crowded(createFixedWindows, true),
    },
    unmixed: {
      own: await crowded(pricelane, false),
      alone: await crowded(createDataLoaderAlone, false),
      windows: await crowded(createFixedWindows, false),
    },
    idle: {
      own: await idled(pricelane, known),
      alone: await idled(createDataLoaderAlone, known),
      windows: await idled(createFixedWindows, known),
    },
    idleNew: {
      own: await idled(pricelane, isNew),
      alone: await idled(createDataLoaderAlone, isNew),
      windows: await idled(createFixedWindows, isNew),
    },
    hanging: {
      leaves: { own: await mostOverLimit("pricelane", true), opossum: await mostOverLimit("opossum", true) },
      worksOn: { own: await mostOverLimit("pricelane", false), opossum: await mostOverLimit("opossum", false) },
    },
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

/** Of each contender that was run with this load. */
interface Runs {
  readonly own: Run;
  readonly alone: Run;
  readonly windows?: Run;
}

function toRows({
  trickle: few,
  withoutJitter: plain,
  mixed,
  unmixed,
  idle: rare,
  idleNew,
  hanging,
}: Measured): string[][] {
  const keys = (one: Run) => one.keys / one.leastKeys;
  const calls = (one: Run) => one.calls / one.leastCalls;
  const unanswered = (one: Run) => one.unanswered;
  const row = (what: string, figure: (one: Run) => number, goal: number, { own, alone, windows }: Runs) => {
    // Who sheds keys asks the ERP for less: that is no economy.
    const isVoid = figure === calls && own.unanswered > 0;
    const verdict = isVoid ? "void: keys were shed" : toVerdict(figure(own), goal);
    const theirs = windows === undefined ? "" : figure(windows).toFixed(2);
    return [what, `**${figure(own).toFixed(2)}**`, `≤ ${goal}`, verdict, figure(alone).toFixed(2), theirs, ""];
  };
  const overLimit = (what: string, { own, opossum }: Measured["hanging"]["leaves"]) => {
    return [what, `**${own.toFixed(2)}**`, "≤ 1", toVerdict(own, 1), "", "", opossum.toFixed(2)];
  };
  return [
    row("ERP keys ÷ minimum keys", keys, 1.02, few),
    row("the same without jitter", keys, 1.02, { own: plain, alone: few.alone }),
    row("ERP calls ÷ minimum calls, customers mix", calls, 1.25, mixed),
    row("ERP calls ÷ minimum calls, they do not", calls, 1.25, unmixed),
    row("calls per page of 24 SKUs, customers mix", ({ callsPerPage }) => callsPerPage, 0.45, mixed),
    row("p50 of such a page ÷ the ERP's 50 ms", ({ p50Ms }) => p50Ms / erpPlan.callMs, 1.2, mixed),
    row("wait added at an idle ERP, p99 in ms", ({ p99AddedMs }) => p99AddedMs, 5, rare),
    row("the same, a customer's first page", ({ p99AddedMs }) => p99AddedMs, 5, idleNew),
    row("most calls in flight ÷ limit, none hangs", ({ mostInFlight }) => mostInFlight / erpPlan.workers, 1, mixed),
    overLimit("the same, 1 in 10 hangs until given up", hanging.leaves),
    overLimit("the same, 1 in 10 goes on for 40 s unseen", hanging.worksOn),
    row("share of keys shed, customers mix", unanswered, 0, mixed),
    row("share of keys shed, they do not", unanswered, 0, unmixed),
  ];
}

function toVerdict(figure: number, goal: number): string {
  return figure <= goal ? "met" : "**missed**";
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const commit = readCommit();
  const machine = { ...readMachine(), loadAverageBefore: readLoadAverage() };
  const measured = await measure();
  const table = toTable(
    ["what", "Pricelane", "goal", "", "DataLoader alone", "5 ms windows", "opossum"],
    toRows(measured),
  );
  const path = saveResult(`erp-load-${startedAt.toISOString().slice(0, 10)}-${commit.commit}`, {
    benchmark: "erp-load",
    startedAt: startedAt.toISOString(),
    ...commit,
    machine,
    plan: { erp: erpPlan, freshMs, skusPerPage, trickle, crowd, lookMs, idle, hanging: hangingPlan },
    measured,
  });
  const caption = `Commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}, Node ${machine.node.slice(1)}, virtual time. All figures: \`${path}\`.`;
  updateDocs("erp-load", `${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\n`);
}

await main();
