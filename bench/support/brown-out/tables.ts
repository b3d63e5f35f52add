import { toTable } from "../report.js";
import type { ContenderFigures, LaneFigures } from "./figures.js";
import { plan } from "./plan.js";

export interface Measured {
  readonly name: string;
  readonly replicas: number;
  readonly figures: ContenderFigures;
  /** With ten times the feed, likewise. */
  readonly flooded: ContenderFigures;
}

/** A contender whose storefront was answered before, besides. */
export interface MeasuredWithMemory extends Measured {
  readonly remembering: ContenderFigures;
}

export function toContenderTable(measured: readonly Measured[], remembering: Omit<Measured, "flooded">): string {
  const head = [
    "controller",
    "replicas",
    "checkout",
    "p99 (calm)",
    "storefront",
    "p99",
    "feed",
    "feed's share of capacity",
    "wasted ERP work",
    "most calls ÷ limit",
    "recovery, median and worst",
    "stay down",
    "checkout with feed × 10",
  ];
  const rows = measured.map((one) => [...toRow(one), flood(one.flooded)]);
  return toTable(head, [...rows, [...toRow(remembering), "–"]]);
}

function toRow({ name, replicas, figures }: Omit<Measured, "flooded">): string[] {
  const { calm, brownOut } = figures.lanes;
  const { median, worst } = figures.recoverySeconds;
  return [
    name,
    String(replicas),
    percent(answered(brownOut.checkout)),
    `${ms(brownOut.checkout.p99Ms)} (${ms(calm.checkout.p99Ms)})`,
    withLastKnown(brownOut.storefront),
    ms(brownOut.storefront.p99Ms),
    percent(answered(brownOut.feed)),
    percent(figures.feedShare),
    percent(figures.wasted),
    (figures.mostInFlight / plan.erp.workers).toFixed(1),
    `${seconds(median)}, ${seconds(worst)}`,
    String(figures.staysDown),
  ];
}

function flood({ lanes: { brownOut } }: ContenderFigures): string {
  return `${percent(answered(brownOut.checkout))}, p99 ${ms(brownOut.checkout.p99Ms)}`;
}

interface Goal {
  readonly what: string;
  readonly figure: (one: MeasuredWithMemory) => number;
  readonly isMost: boolean;
  readonly bound: number;
  readonly toText: (figure: number) => string;
}

const goals: readonly Goal[] = [
  least("checkout answered in time", ({ figures }) => answered(figures.lanes.brownOut.checkout), 0.999),
  most("checkout's p99 ÷ that of the calm", ({ figures: { lanes } }) => p99Ratio(lanes.brownOut, lanes.calm), 2, times),
  least("storefront answered, with last known", (one) => answered(one.remembering.lanes.brownOut.storefront), 0.995),
  most("storefront's p99, likewise", (one) => one.remembering.lanes.brownOut.storefront.p99Ms ?? Infinity, 300, ms),
  least("feed's share of capacity", ({ figures }) => figures.feedShare, 0.1),
  most("wasted ERP work during the brown-out", ({ figures }) => figures.wasted, 0.01, percent),
  most("recovery, worst seed", ({ figures }) => figures.recoverySeconds.worst ?? Infinity, 10, seconds),
  most("seeds that stay down", ({ figures }) => figures.staysDown, 0, String),
  most("most calls at once ÷ limit", ({ figures }) => figures.mostInFlight / plan.erp.workers, 1, times),
  most("the same with feed × 10", ({ flooded }) => flooded.mostInFlight / plan.erp.workers, 1, times),
  most("checkout's p99 with feed × 10", floodRatio, 1.05, times),
  least("checkout answered with feed × 10", ({ flooded }) => answered(flooded.lanes.brownOut.checkout), 0.999),
];

export function toGoalTable(measured: readonly MeasuredWithMemory[]): string {
  const head = ["what", "goal", ...measured.flatMap(({ name, replicas }) => [`${name} (${replicas})`, ""])];
  const rows = goals.map(({ what, figure, isMost, bound, toText }) => {
    const cells = measured.flatMap((one) => {
      const value = figure(one);
      const isMet = isMost ? value <= bound : value >= bound;
      return [toText(value), isMet ? "met" : "**missed**"];
    });
    return [what, `${isMost ? "≤" : "≥"} ${toText(bound)}`, ...cells];
  });
  return toTable(head, rows);
}

function least(what: string, figure: Goal["figure"], bound: number): Goal {
  return { what, figure, isMost: false, bound, toText: percent };
}

function most(what: string, figure: Goal["figure"], bound: number, toText: Goal["toText"]): Goal {
  return { what, figure, isMost: true, bound, toText };
}

function p99Ratio(above: { checkout: LaneFigures }, below: { checkout: LaneFigures }): number {
  return (above.checkout.p99Ms ?? Number.POSITIVE_INFINITY) / (below.checkout.p99Ms ?? 0);
}

function floodRatio({ figures, flooded }: Measured): number {
  return p99Ratio(flooded.lanes.brownOut, figures.lanes.brownOut);
}

function answered({ live, lastKnown }: LaneFigures): number {
  return live + lastKnown;
}

function withLastKnown(lane: LaneFigures): string {
  const { lastKnown } = lane;
  return lastKnown === 0 ? percent(answered(lane)) : `${percent(answered(lane))} (${percent(lastKnown)} last known)`;
}

/** Cut, not rounded: what was lost is not hidden by a round 100 %. */
function percent(share: number): string {
  const text = (Math.floor(share * 10_000 + 1e-6) / 100).toFixed(2);
  return `${text.replace(/\.?0+$/, "")} %`;
}

function times(ratio: number): string {
  return ratio.toFixed(2);
}

function ms(time: number | null): string {
  return time === null || time === Number.POSITIVE_INFINITY ? "–" : `${Math.round(time)} ms`;
}

function seconds(time: number | null): string {
  return time === null || time === Number.POSITIVE_INFINITY ? "never" : `${time} s`;
}
