/** That somebody wants an answer to one key. */
export interface Demand {
  /** The key's identity: two demands of one id want the same answer. */
  readonly id: string;
  /** Keys of one group can share an ERP call. */
  readonly group: string;
  /** Instant in ms; an earlier demand never stands behind a later one of the same id. */
  readonly at: number;
  /** How long an answer to it covers demands of the same id, in ms. */
  readonly freshMs: number;
}

/**
 * The demands that the least possible number of keys is spent on: of each key the first, and then each that comes when what the
 * one before it brought is no longer fresh. An answer counts as there at once, and covers demands up to, not at, the end of its window.
 */
export function leastKeys(demands: Iterable<Demand>): Demand[] {
  const coveredUntil = new Map<string, number>();
  const asked: Demand[] = [];
  for (const demand of demands) {
    const { id, at, freshMs } = demand;
    if (at < (coveredUntil.get(id) ?? Number.NEGATIVE_INFINITY)) continue;
    coveredUntil.set(id, at + freshMs);
    asked.push(demand);
  }
  return asked;
}

export interface CallRules {
  readonly keysPerCall: number;
  /** How long a call takes, in ms: what is wanted within one round trip could share a call. */
  readonly roundTripMs: number;
}

/** The fewest calls that could carry those keys: in each round trip, of each group, as many as its keys fill, rounded up. */
export function leastCalls(asked: readonly Demand[], { keysPerCall, roundTripMs }: CallRules): number {
  const keys = new Map<string, number>();
  for (const { group, at } of asked) {
    const trip = `${Math.floor(at / roundTripMs)} ${group}`;
    keys.set(trip, (keys.get(trip) ?? 0) + 1);
  }
  return [...keys.values()].reduce((calls, count) => calls + Math.ceil(count / keysPerCall), 0);
}
