/** ms = a + b × keys. */
export interface Line {
  readonly a: number;
  readonly b: number;
  /** How much of the differences it explains, from 0 to 1; 1 where there are none. */
  readonly explains: number;
}

export interface Point {
  readonly keys: number;
  readonly ms: number;
}

/** Least squares; a bigger call never takes less, and none takes less than nothing. Null for points of one size. */
export function fitLine(points: readonly Point[]): Line | null {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanKeys, meanMs] = [mean(points.map(({ keys }) => keys)), mean(points.map(({ ms }) => ms))];
  const spread = points.reduce((sum, { keys }) => sum + (keys - meanKeys) ** 2, 0);
  if (points.length < 2 || spread === 0) return null;
  const slope = points.reduce((sum, { keys, ms }) => sum + (keys - meanKeys) * (ms - meanMs), 0) / spread;
  const b = Math.max(0, Math.min(slope, meanMs / meanKeys));
  const a = meanMs - b * meanKeys;
  const total = points.reduce((sum, { ms }) => sum + (ms - meanMs) ** 2, 0);
  const rest = points.reduce((sum, { keys, ms }) => sum + (ms - a - b * keys) ** 2, 0);
  return { a, b, explains: total === 0 ? 1 : Math.max(0, 1 - rest / total) };
}

/** The middle one; of an even number the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
