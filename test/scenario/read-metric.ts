/**
 * Reads /metrics. @param url of the server that shows them
 * @returns the sum of all series of this name that carry all these labels; NaN where there is none
 */
export async function readMetric(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const series = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)));
  if (series.length === 0) return Number.NaN;
  return series.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}
