import { setMaxListeners } from "node:events";
import type { ServerResponse } from "node:http";
import type { Exchange } from "./exchange.js";

/**
 * Gives a signal that is aborted when the client goes before it has its answer. It is made when it is first asked for: what
 * memory answers needs none, and most requests are such.
 */
export function createLeaveSignal(response: ServerResponse, exchange: Exchange): () => AbortSignal {
  let signal: AbortSignal | null = null;
  return () => {
    signal ??= abortOnLeave(response, exchange);
    return signal;
  };
}

function abortOnLeave(response: ServerResponse, exchange: Exchange): AbortSignal {
  const abort = new AbortController();
  // One request may wait for many reads at once: that is no leak, and no client should be able to make us warn of one.
  setMaxListeners(0, abort.signal);
  const leave = () => {
    if (response.writableFinished) return;
    exchange.hasLeft = true;
    abort.abort();
  };
  if (response.closed) leave();
  else response.once("close", leave);
  return abort.signal;
}
