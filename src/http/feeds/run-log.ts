import type { Clock } from "../../clock.js";
import type { FeedFormatName } from "../../feed/formats/feed-format.js";
import type { Logger } from "../../telemetry/logger.js";
import type { Metrics } from "../../telemetry/metrics.js";
import type { LeftOut } from "./left-out.js";
import type { StreamEnd } from "./stream-feed.js";

interface Telemetry {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What is counted of one stream, and its one line in the log. */
export class RunLog {
  readonly #format: FeedFormatName;
  readonly #leftOut: LeftOut;
  readonly #telemetry: Telemetry;
  readonly #startedAt: number;
  #items = 0;

  constructor(format: FeedFormatName, leftOut: LeftOut, telemetry: Telemetry) {
    this.#format = format;
    this.#leftOut = leftOut;
    this.#telemetry = telemetry;
    this.#startedAt = telemetry.clock.now();
  }

  add(items: number): void {
    this.#items += items;
    this.#telemetry.metrics.itemsStreamed(this.#format, items);
  }

  end({ outcome, error }: StreamEnd): void {
    const { clock, logger, metrics } = this.#telemetry;
    metrics.streamEnded(this.#format, outcome);
    if (error !== null) metrics.errorSent(error.code);
    const seconds = (clock.now() - this.#startedAt) / 1000;
    const told = { format: this.#format, outcome, items: this.#items, leftOut: this.#leftOut.examples, seconds };
    if (outcome === "failed") logger.warn({ ...told, err: error }, "a feed was streamed in part");
    else logger.info(told, "a feed was streamed");
  }

  /** @param shrankFrom how much was for sale before, where less than half of it is left; null where it is not so */
  onFullRun(forSale: number, shrankFrom: number | null): void {
    if (shrankFrom === null) return;
    const told = { format: this.#format, forSale, before: shrankFrom };
    this.#telemetry.logger.warn(told, "less than half is left of what the full feed before had for sale");
  }
}
