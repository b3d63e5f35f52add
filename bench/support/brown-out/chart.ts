import { type Lane, lanes } from "../../../src/pricing/source.js";
import { brownOutEndsMs, lengthMs, plan } from "./plan.js";

export interface Panel {
  readonly title: string;
  /** Share of the questions that were answered in time, from 0 to 1, of one stretch of time after the other. */
  readonly goodput: Record<Lane, readonly number[]>;
}

const columns = 2;
const panel = { width: 360, height: 110 };
const gap = { x: 60, y: 58 };
const margin = { left: 50, top: 62, right: 16, bottom: 36 };
/** Told apart by those too who see no red or green. Source: Okabe and Ito, "Color Universal Design", 2008. */
const colours: Record<Lane, string> = { checkout: "#0072b2", storefront: "#d55e00", feed: "#767676" };
/** So that of lines on top of each other all are seen. */
const strokes: Record<Lane, string> = {
  checkout: 'stroke-width="1.6"',
  storefront: 'stroke-width="2"',
  feed: 'stroke-width="3"',
};
/** The most urgent lane is drawn last, over the others. */
const drawingOrder = [...lanes].reverse();

/** Draws what each lane got over time, a panel for each contender. @returns an SVG document */
export function drawGoodput(panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / columns);
  const width = margin.left + columns * panel.width + (columns - 1) * gap.x + margin.right;
  const height = margin.top + rows * panel.height + (rows - 1) * gap.y + margin.bottom;
  const parts = panels.map((one, index) => {
    const x = margin.left + (index % columns) * (panel.width + gap.x);
    const y = margin.top + Math.floor(index / columns) * (panel.height + gap.y);
    return `<g transform="translate(${x} ${y})">${drawPanel(one)}</g>`;
  });
  const title = "Share of the questions answered in time, by lane, before, during and after the brown-out";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="sans-serif" font-size="11" fill="#222" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${margin.left}" y="18">${title} (shaded)</text>`,
    drawLegend(),
    ...parts,
    "</svg>\n",
  ].join("\n");
}

function drawLegend(): string {
  const entries = lanes.map((lane, index) => {
    const x = margin.left + index * 110;
    return `<path d="M${x} 32h22" stroke="${colours[lane]}" ${strokes[lane]}/><text x="${x + 28}" y="36">${lane}</text>`;
  });
  return entries.join("");
}

function drawPanel({ title, goodput }: Panel): string {
  const [from, to] = [toX(plan.calmMs), toX(brownOutEndsMs)];
  return [
    `<text y="-6" font-weight="bold">${escapeText(title)}</text>`,
    `<rect x="${from}" width="${to - from}" height="${panel.height}" fill="#f3ead8"/>`,
    ...[0, 0.5, 1].map((share) => {
      const y = toY(share);
      return `<path d="M0 ${y}h${panel.width}" stroke="#ccc"/><text x="-6" y="${y + 4}" text-anchor="end">${share * 100} %</text>`;
    }),
    ...[0, plan.calmMs, brownOutEndsMs, lengthMs].map(
      (ms) => `<text x="${toX(ms)}" y="${panel.height + 14}" text-anchor="middle">${ms / 1000} s</text>`,
    ),
    ...drawingOrder.map((lane) => drawLine(lane, goodput[lane])),
  ].join("");
}

function drawLine(lane: Lane, shares: readonly number[]): string {
  const binMs = lengthMs / shares.length;
  const points = shares.map((share, bin) => `${toX((bin + 0.5) * binMs)},${toY(share)}`);
  return `<polyline points="${points.join(" ")}" fill="none" stroke="${colours[lane]}" ${strokes[lane]}/>`;
}

/** @param ms since the beginning of the run */
function toX(ms: number): number {
  return Math.round((ms / lengthMs) * panel.width * 10) / 10;
}

function toY(share: number): number {
  return Math.round((1 - share) * panel.height * 10) / 10;
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
