import { setMaxListeners } from "node:events";
import { GatewayStopping, TooManyStreams } from "../../errors.js";

/** Why a stream ends before its run does. */
export type StreamCut = "left" | "stalled" | "stopping";

/** One run that is being told. */
export interface FeedStream {
  /** Aborted once nobody should be told any more, its reason a {@link StreamCut}. */
  readonly signal: AbortSignal;
  cut(why: StreamCut): void;
  end(): void;
}

/** The feeds that are being streamed: so many at once, and none after the gateway stops. */
export class FeedStreams {
  readonly #most: number;
  readonly #running = new Set<FeedStream>();
  #isStopping = false;

  /** @param most streams at once */
  constructor(most: number) {
    this.#most = most;
  }

  get running(): number {
    return this.#running.size;
  }

  /** @throws {TooManyStreams} @throws {GatewayStopping} */
  begin(): FeedStream {
    if (this.#isStopping) throw new GatewayStopping();
    if (this.#running.size >= this.#most) throw new TooManyStreams(this.#most);
    const abort = new AbortController();
    setMaxListeners(0, abort.signal); // a run waits for many things at once
    const stream: FeedStream = {
      signal: abort.signal,
      cut: (why) => abort.abort(why),
      end: () => this.#running.delete(stream),
    };
    this.#running.add(stream);
    return stream;
  }

  /** Ends all of them where they are; their readers go on elsewhere. */
  stop(): void {
    this.#isStopping = true;
    for (const stream of this.#running) stream.cut("stopping");
  }
}
