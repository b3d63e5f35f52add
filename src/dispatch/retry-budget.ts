import { ErpUnavailable } from "../errors.js";

/** So many ordinary calls pay for one more: retries are at most a tenth of them, or an ill ERP would get twice the load. */
const callsPerRetry = 10;
/** Most retries saved up: a quiet day is no licence for a storm. */
const mostSaved = 10;

/** What may be spent on asking again, earned by calls. */
export class RetryBudget {
  #earned = 0;

  onCall(): void {
    this.#earned = Math.min(this.#earned + 1, mostSaved * callsPerRetry);
  }

  tryTake(): boolean {
    if (this.#earned < callsPerRetry) return false;
    this.#earned -= callsPerRetry;
    return true;
  }
}

/** Most times that one question is asked again. */
export const mostRetries = 2;

const firstWaitMs = 100;

/**
 * Full jitter: anything from nothing to a bound that doubles, so that what failed together does not come back together.
 * Source: Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog, 2015.
 * @param retries how often it was asked again before. @param random from 0 up to 1. @returns ms
 */
export function retryWaitMs(retries: number, random: number): number {
  return random * firstWaitMs * 2 ** retries;
}

/**
 * Whether asking again may help at once. A time-out would be one more burden on an ERP that hangs, 429 and 503 say when to come
 * again, and what the ERP says in its right mind it would say again.
 */
export function mayPass(error: Error): boolean {
  return error instanceof ErpUnavailable && error.countsAsFailure;
}
