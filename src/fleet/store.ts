/** What replicas share, as the layers of this folder see it: a Valkey or Redis, or what stands for one in a test. */
export interface Store {
  /** False while it does not answer: all below is then refused at once, so that nobody waits for what will not come. */
  readonly isUp: boolean;
  /**
   * Runs a script, whole and alone, in one round trip.
   * @returns the reply: numbers as numbers, texts as buffers, null, or a list of these
   * @throws {StoreUnavailable} where it did not answer in time. @throws {StoreRefused} where it answered that it will not
   */
  run(script: StoreScript, keys: readonly string[], args: readonly StoreArgument[]): Promise<StoreReply>;
  /** @returns how many connections were sent it. @throws as {@link run} */
  publish(channel: string, message: string): Promise<number>;
  /**
   * Has the messages of a channel told, after lost connections again.
   * @param onGap told each time that listening began, at first and after messages may have been missed
   */
  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): void;
  /** Has it told whenever {@link isUp} changes. */
  onChange(listener: (isUp: boolean) => void): void;
}

export interface StoreScript {
  /** For the log. */
  readonly name: string;
  /** Lua, as Redis 6.2 and Valkey run it. */
  readonly lua: string;
}

export type StoreArgument = string | Buffer;

export type StoreReply = number | Buffer | null | readonly StoreReply[];

/** It did not answer, or not in time: whether it did what it was asked is not known. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** It answered that it will not: full, read-only, or a fault in what it was asked. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
}
