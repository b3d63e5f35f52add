import type { Clock } from "../../../src/clock.js";

interface VirtualTimer {
  cancel: () => void;
  unref(): void;
}

/**
 * Runs `run` with Node's own timers and `Date.now` bound to `clock`, for a library that takes no clock: opossum. Nothing else
 * may run in this process meanwhile.
 */
export async function withVirtualTimers<T>(clock: Clock, run: () => Promise<T>): Promise<T> {
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { now } = Date;
  const clear = (timer?: VirtualTimer) => timer?.cancel();
  Object.assign(globalThis, {
    setTimeout: (act: () => void, ms: number): VirtualTimer => ({ cancel: clock.after(ms, act), unref() {} }),
    setInterval: (act: () => void, ms: number) => repeat(clock, act, ms),
    clearTimeout: clear,
    clearInterval: clear,
  });
  Date.now = () => clock.now();
  try {
    return await run();
  } finally {
    Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
    Date.now = now;
  }
}

function repeat(clock: Clock, act: () => void, ms: number): VirtualTimer {
  const start = () =>
    clock.after(ms, () => {
      timer.cancel = start();
      act();
    });
  const timer: VirtualTimer = { cancel: start(), unref() {} };
  return timer;
}
