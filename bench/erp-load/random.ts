/** Random numbers from 0 up to 1 that are the same in every run. The generator is mulberry32 (Tommy Ettinger, public domain). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let hash = Math.imul(state ^ (state >>> 15), state | 1);
    hash ^= hash + Math.imul(hash ^ (hash >>> 7), hash | 61);
    return ((hash ^ (hash >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws from 0 to `count` − 1, the n-th as often as 1 ÷ (n + 1): Zipf's law with exponent 1. */
export function createZipf(count: number, random: () => number): () => number {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += 1 / (rank + 1);
    sums[rank] = sum;
  }
  return () => {
    const drawn = random() * sum;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] as number) <= drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}

/** A waiting time of a Poisson process. @param mean in the unit of the answer */
export function drawWait(mean: number, random: () => number): number {
  return -mean * Math.log(1 - random());
}
