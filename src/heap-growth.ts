import { setFlagsFromString } from "node:v8";

/** By how much the heap may grow over what is in use, in percent, before garbage is collected. Source: docs/decisions/0035-the-feed-waits-where-buyers-were.md. */
const growingPercent = 50;
const flag = "--heap-growing-percent";

/**
 * Has V8 collect garbage before the heap has grown by half. By itself it lets the heap of a machine with much memory grow to several
 * times what is in use: a sweep by the feed made that 300 MB of garbage. Nothing is bounded by it: what is in use may grow as before.
 * @param execArgv the flags that the process was started with: one who sets the same flag is left their way
 */
export function boundHeapGrowth(execArgv: readonly string[]): void {
  // V8 takes a dash and an underscore for the same.
  if (execArgv.some((given) => given.replaceAll("_", "-").startsWith(flag))) return;
  setFlagsFromString(`${flag}=${growingPercent}`);
}
