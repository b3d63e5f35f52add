/** Bars that are compared with one another. */
export interface BarGroup {
  readonly title: string;
  readonly bars: readonly Bar[];
}

export interface Bar {
  readonly label: string;
  /** From 0 on. */
  readonly value: number;
  /** What is written at its end. */
  readonly text: string;
  /** Drawn in the strong colour. */
  readonly isOurs: boolean;
}

const width = 720;
const labelWidth = 170;
const textWidth = 90;
const barHeight = 18;
const rowHeight = 26;
const titleHeight = 34;
const margin = 16;

/**
 * A bar plot that reads in light and dark pages alike. All groups share one scale.
 * @param title told to those who do not see it
 * @returns the text of an SVG file
 */
export function drawBars(title: string, groups: readonly BarGroup[]): string {
  const longest = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)), Number.MIN_VALUE);
  const parts: string[] = [];
  let y = margin;
  for (const group of groups) {
    parts.push(`<text class="title" x="${margin}" y="${y + 18}">${toEntities(group.title)}</text>`);
    y += titleHeight;
    for (const bar of group.bars) {
      parts.push(drawBar(bar, y, longest));
      y += rowHeight;
    }
  }
  const height = y + margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${toEntities(title)}</title>`,
    "<style>text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-weight:600}.end{text-anchor:end}</style>",
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    "</svg>",
    "",
  ].join("\n");
}

function drawBar({ label, value, text, isOurs }: Bar, y: number, longest: number): string {
  const left = margin + labelWidth;
  const length = Math.round((value / longest) * (width - left - textWidth - margin));
  const baseline = y + barHeight - 4;
  return [
    `<text class="end" x="${left - 8}" y="${baseline}">${toEntities(label)}</text>`,
    `<rect x="${left}" y="${y}" width="${length}" height="${barHeight}" fill="${isOurs ? "#0b6e4f" : "#9aa5b1"}"/>`,
    `<text x="${left + length + 8}" y="${baseline}">${toEntities(text)}</text>`,
  ].join("");
}

function toEntities(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
