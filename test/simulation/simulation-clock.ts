import { VirtualClock } from "../support/virtual-clock.js";

/** A virtual clock that counts what it runs: each timer that comes due is one scheduled step. */
export class SimulationClock extends VirtualClock {
  steps = 0;

  override after(ms: number, run: () => void): () => void {
    return super.after(ms, () => {
      this.steps++;
      run();
    });
  }

  /** For timers that are nobody's interleaving, such as those that turn a window of counts. */
  afterUncounted(ms: number, run: () => void): () => void {
    return super.after(ms, run);
  }
}

/**
 * Runs `run` while the process's own timers are those of the clock: opossum, which the breaker is made of, takes no clock. One run at
 * a time in a process.
 */
export async function withVirtualTimers<T>(clock: SimulationClock, run: () => Promise<T>): Promise<T> {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now };
  const handle = (cancel: () => void) => ({ cancel, unref() {}, ref() {} });
  const cancel = (timer?: { cancel?: () => void } | null) => timer?.cancel?.();
  const repeat = (run: () => void, ms: number) => {
    let stop = () => {};
    const again = () => {
      stop = clock.afterUncounted(ms, () => {
        run();
        again();
      });
    };
    again();
    return handle(() => stop());
  };
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => handle(clock.after(Math.max(ms, 1), run)),
    clearTimeout: cancel,
    setInterval: repeat,
    clearInterval: cancel,
  });
  Date.now = () => clock.now();
  try {
    return await run();
  } finally {
    const { now, ...timers } = real;
    Object.assign(globalThis, timers);
    Date.now = now;
  }
}
