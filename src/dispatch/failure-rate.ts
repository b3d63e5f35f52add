/** How long a call is counted, in seconds. */
const countedSeconds = 10;
/** Fewest calls that make a rate. */
const leastCalls = 10;

interface OneSecond {
  second: number;
  calls: number;
  failures: number;
}

/** Which share of the latest calls failed, by the second, so that counting costs the same however many there are. */
export class FailureRate {
  readonly #seconds: OneSecond[] = Array.from({ length: countedSeconds }, () => ({
    second: -1,
    calls: 0,
    failures: 0,
  }));

  /** @param now ms since the epoch */
  add(isFailure: boolean, now: number): void {
    const second = Math.floor(now / 1000);
    const counted = this.#seconds[second % countedSeconds] as OneSecond;
    if (counted.second !== second) Object.assign(counted, { second, calls: 0, failures: 0 });
    counted.calls++;
    if (isFailure) counted.failures++;
  }

  /** Whether half of them failed, and there were enough to tell. @param now ms since the epoch */
  isHalf(now: number): boolean {
    const since = Math.floor(now / 1000) - countedSeconds;
    let calls = 0;
    let failures = 0;
    for (const counted of this.#seconds) {
      if (counted.second <= since) continue;
      calls += counted.calls;
      failures += counted.failures;
    }
    return calls >= leastCalls && failures * 2 >= calls;
  }
}
