/** How a batch is read that one of its members may spoil. */
export interface Halving<Member> {
  /** Reads one part. @returns null where it was answered, else why it failed */
  attempt(part: readonly Member[]): Promise<Error | null>;
  /** Whether one member among several may be to blame for this error. */
  mayBeOne(error: Error): boolean;
  /** Whether it is worth another call to read this part of a failed one. */
  mayGoOn(part: readonly Member[]): boolean;
  /** Told of each part that is not read again. */
  giveUp(part: readonly Member[], error: Error): void;
}

/**
 * Reads a batch, and where it fails as a whole halves it until the spoilt member stands alone; its neighbours are answered.
 * Halves are read one after the other, breadth first, so that with one spoilt member no more than two calls fail in a row.
 * Costs at most 2 × log2(n) + 2 calls beyond the first; what is not found by then is given up together.
 * @returns null where some part was answered, else why the whole failed
 */
export async function readHalving<Member>(batch: readonly Member[], halving: Halving<Member>): Promise<Error | null> {
  const whole = await halving.attempt(batch);
  if (whole === null) return null;
  let isAnswered = false;
  let callsLeft = Math.floor(2 * Math.log2(batch.length) + 2);
  const failedParts = [{ part: batch, error: whole }];
  for (let failed = failedParts.shift(); failed !== undefined; failed = failedParts.shift()) {
    const { part, error } = failed;
    if (part.length === 1 || callsLeft < 2 || !halving.mayBeOne(error)) {
      halving.giveUp(part, error);
      continue;
    }
    callsLeft -= 2;
    for (const half of halve(part)) {
      const halfError = halving.mayGoOn(half) ? await halving.attempt(half) : error;
      if (halfError === null) isAnswered = true;
      else failedParts.push({ part: half, error: halfError });
    }
  }
  return isAnswered ? null : whole;
}

function halve<Member>(part: readonly Member[]): (readonly Member[])[] {
  const middle = Math.ceil(part.length / 2);
  return [part.slice(0, middle), part.slice(middle)];
}
