import { VirtualClock } from "../test/support/virtual-clock.js";
import { createDataLoaderAlone, createPricelane, type Page, type ReadPage } from "./erp-load/contenders.js";
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

interface Run {
  readonly keys: number;
  readonly calls: number;
  readonly leastKeys: number;
  readonly leastCalls: number;
  readonly callsPerPage: number;
  readonly p50Ms: number;
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
  return {
    keys: erp.keys,
    calls: erp.calls,
    leastKeys: asked.length,
    leastCalls: leastCalls(asked, { keysPerCall: erpPlan.keysPerCall, roundTripMs: erpPlan.callMs }),
    callsPerPage: erp.calls / latencies.length,
    p50Ms: latencies.toSorted((a, b) => a - b)[Math.floor(latencies.length / 2)] as number,
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

const runCrowd: Load = async (clock, read, drawPage) => {
  let [opened, done] = [0, 0];
  const view = async () => {
    while (opened < crowd.pages) {
      opened++;
      await read(drawPage());
    }
    done++;
  };
  const viewers = Array.from({ length: crowd.viewers }, view);
  while (done < crowd.viewers) await clock.advance(erpPlan.callMs);
  await Promise.all(viewers);
};

const pricelane: Create = (erp, clock) => createPricelane(erp, clock, createRandom(3));
const withoutJitter: Create = (erp, clock) => createPricelane(erp, clock, () => 0);

async function measure() {
  const trickled = (create: Create) => run(create, runTrickle, createPages(trickle.customers, trickle.skus), true);
  const crowded = (create: Create, mixes: boolean) =>
    run(create, runCrowd, createPages(crowd.customers, crowd.skus), mixes);
  return {
    trickle: {
      pricelane: await trickled(pricelane),
      withoutJitter: await trickled(withoutJitter),
      dataLoader: await trickled(createDataLoaderAlone),
    },
    mixed: { pricelane: await crowded(pricelane, true), dataLoader: await crowded(createDataLoaderAlone, true) },
    unmixed: { pricelane: await crowded(pricelane, false), dataLoader: await crowded(createDataLoaderAlone, false) },
  };
}

type Measured = Awaited<ReturnType<typeof measure>>;

function toRows({ trickle: few, mixed, unmixed }: Measured): string[][] {
  const keys = (one: Run) => one.keys / one.leastKeys;
  const calls = (one: Run) => one.calls / one.leastCalls;
  const perPage = (one: Run) => one.callsPerPage;
  const p50 = (one: Run) => one.p50Ms / erpPlan.callMs;
  const row = (what: string, figure: (one: Run) => number, goal: number, own: Run, other: Run) => {
    // Who sheds keys asks the ERP for less: that is no economy.
    const isVoid = figure === calls && own.unanswered > 0;
    const verdict = isVoid ? "void: keys were shed" : figure(own) <= goal ? "met" : "**missed**";
    return [what, `**${figure(own).toFixed(2)}**`, `≤ ${goal}`, verdict, figure(other).toFixed(2)];
  };
  const unanswered = (one: Run) => one.unanswered;
  const inFlight = (one: Run) => one.mostInFlight / erpPlan.workers;
  return [
    row("ERP keys ÷ minimum keys", keys, 1.02, few.pricelane, few.dataLoader),
    row("the same without jitter", keys, 1.02, few.withoutJitter, few.dataLoader),
    row("ERP calls ÷ minimum calls, customers mix", calls, 1.25, mixed.pricelane, mixed.dataLoader),
    row("ERP calls ÷ minimum calls, they do not", calls, 1.25, unmixed.pricelane, unmixed.dataLoader),
    row("calls per page of 24 SKUs, customers mix", perPage, 0.45, mixed.pricelane, mixed.dataLoader),
    row("p50 of such a page ÷ the ERP's 50 ms", p50, 1.2, mixed.pricelane, mixed.dataLoader),
    row("most calls in flight ÷ limit, no hanging calls", inFlight, 1, mixed.pricelane, mixed.dataLoader),
    row("share of keys shed, customers mix", unanswered, 0, mixed.pricelane, mixed.dataLoader),
    row("share of keys shed, they do not", unanswered, 0, unmixed.pricelane, unmixed.dataLoader),
  ];
}

async function main(): Promise<void> {
  const startedAt = new Date();
  const commit = readCommit();
  const machine = { ...readMachine(), loadAverageBefore: readLoadAverage() };
  const measured = await measure();
  const table = toTable(["what", "Pricelane", "goal", "", "DataLoader alone"], toRows(measured));
  const path = saveResult(`erp-load-${startedAt.toISOString().slice(0, 10)}-${commit.commit}`, {
    benchmark: "erp-load",
    startedAt: startedAt.toISOString(),
    ...commit,
    machine,
    plan: { erp: erpPlan, freshMs, skusPerPage, trickle, crowd },
    measured,
  });
  const caption = `Commit ${commit.commit}${commit.hasChanges ? " with uncommitted changes" : ""}, Node ${machine.node.slice(1)}, virtual time. All figures: \`${path}\`.`;
  updateDocs("erp-load", `${table}\n\n${caption}`);
  process.stdout.write(`${table}\n\n${caption}\n`);
}

await main();
