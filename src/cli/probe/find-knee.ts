/** What so many calls at once did. */
export interface Level {
  readonly concurrency: number;
  /** Calls answered in a second; 0 where the level was broken off. */
  readonly perSecond: number;
  readonly medianMs: number;
  /** Why the level was broken off; null where every call was answered. */
  readonly trouble: string | null;
}

export interface Knee {
  /** The fewest calls at once that get nearly all there is to get. */
  readonly concurrency: number;
  /** Whether more at once than was tried might get more. */
  readonly isBound: boolean;
  /** In the order they were tried. */
  readonly levels: readonly Level[];
}

/** A level is as good as the best where it reaches this part of it; a doubling that gains less than the rest was in vain. */
const nearlyAll = 0.9;

/**
 * Doubles the calls at once until that gains nothing, or the ERP shows trouble, and then looks between the last two.
 * What gains nothing is tried once more: something else may just have kept the ERP busy.
 * @param tryLevel gives null where no calls are left for it
 */
export async function findKnee(tryLevel: TryLevel, most: number): Promise<Knee> {
  const levels: Level[] = [];
  const isInVain = (level: Level, before: number) => level.perSecond * nearlyAll <= before;
  let isBound = true;
  for (let concurrency = 1; ; concurrency = Math.min(concurrency * 2, most)) {
    const before = bestOf(levels);
    let level = await tryLevel(concurrency);
    if (level === null) break;
    if (level.trouble === null && isInVain(level, before)) level = better(level, await tryLevel(concurrency));
    levels.push(level);
    isBound = level.trouble === null && !isInVain(level, before);
    if (!isBound || concurrency === most) break;
  }
  await narrow(levels, tryLevel);
  const knee = kneeOf(levels);
  const mostTried = Math.max(...levels.map(({ concurrency }) => concurrency));
  return { concurrency: knee, isBound: isBound && knee === mostTried, levels };
}

type TryLevel = (concurrency: number) => Promise<Level | null>;

/** Trouble is never the better one's: it was seen. */
function better(one: Level, again: Level | null): Level {
  if (again === null) return one;
  return again.trouble !== null || again.perSecond > one.perSecond ? again : one;
}

/** Halves the gap below the knee. */
async function narrow(levels: Level[], tryLevel: TryLevel): Promise<void> {
  for (;;) {
    const knee = kneeOf(levels);
    const below = Math.max(0, ...levels.map(({ concurrency }) => concurrency).filter((tried) => tried < knee));
    const level = knee - below < 2 ? null : await tryLevel(Math.ceil((knee + below) / 2));
    if (level === null) return;
    levels.push(level);
  }
}

function kneeOf(levels: readonly Level[]): number {
  const enough = bestOf(levels) * nearlyAll;
  const good = levels.filter(({ trouble, perSecond }) => trouble === null && perSecond >= enough);
  return good.length === 0 ? 1 : Math.min(...good.map(({ concurrency }) => concurrency));
}

function bestOf(levels: readonly Level[]): number {
  return Math.max(0, ...levels.filter(({ trouble }) => trouble === null).map(({ perSecond }) => perSecond));
}
