import { createHash } from "node:crypto";
import { createClient, ErrorReply, RESP_TYPES } from "@redis/client";
import type { Clock } from "../clock.js";
import type { Logger } from "../telemetry/logger.js";
import {
  type Store,
  type StoreArgument,
  StoreRefused,
  type StoreReply,
  type StoreScript,
  StoreUnavailable,
} from "./store.js";
import { StoreHealth } from "./store-health.js";

export interface ValkeyStoreOptions {
  /** With user and password, where there are any. */
  readonly url: string;
  /** How long an answer may take, in ms. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly logger: Logger;
}

/** Refusals of one kind make one line of the log in this time, in ms. */
const refusalsToldMs = 60_000;

/** How long a sign of life may take, connecting included, in ms: longer than a request can wait. */
const probeTimeoutMs = 1_000;

/**
 * Answers of a store that cannot be used at present, as if it did not answer: the credential, or it is starting or cut from its primary.
 * A sign of life meets all of them too; what a script alone meets is a refusal, or the store would come and go.
 */
const unusable = /^(NOAUTH|WRONGPASS|LOADING|MASTERDOWN|DENIED)/;

type Client = ReturnType<typeof open>;

interface Subscription {
  readonly channel: string;
  readonly onMessage: (message: string) => void;
  readonly onGap: () => void;
}

/** A Valkey or Redis. It may be away at the start, and come and go: that costs freshness, never an answer. */
export class ValkeyStore implements Store {
  readonly #options: ValkeyStoreOptions;
  readonly #health: StoreHealth;
  readonly #subscriptions: Subscription[] = [];
  readonly #listeners: ((isUp: boolean) => void)[] = [];
  readonly #toldAt = new Map<string, number>();
  #commands: Client | null = null;
  #messages: Client | null = null;

  constructor(options: ValkeyStoreOptions) {
    this.#options = options;
    const { timeoutMs, clock, random } = options;
    this.#health = new StoreHealth({
      ...{ timeoutMs, probeTimeoutMs, clock, random },
      probe: (wasUp) => this.#probe(wasUp),
      onChange: (isUp, cause) => this.#tellChange(isUp, cause),
    });
  }

  get isUp(): boolean {
    return this.#health.isUp;
  }

  start(): void {
    this.#health.start();
  }

  close(): void {
    this.#health.close();
    this.#drop();
  }

  onChange(listener: (isUp: boolean) => void): void {
    this.#listeners.push(listener);
  }

  run(script: StoreScript, keys: readonly string[], args: readonly StoreArgument[]): Promise<StoreReply> {
    const rest = [String(keys.length), ...keys, ...args];
    return this.#health.guard(async () => {
      try {
        return await this.#send(["EVALSHA", shaOf(script), ...rest]);
      } catch (error) {
        if (!(error instanceof StoreRefused && error.message.includes("NOSCRIPT")))
          throw this.#told(error, script.name);
      }
      return this.#send(["EVAL", script.lua, ...rest]).catch((error: unknown) => {
        throw this.#told(error, script.name);
      });
    });
  }

  publish(channel: string, message: string): Promise<number> {
    return this.#health.guard(async () => (await this.#send(["PUBLISH", channel, message])) as number);
  }

  subscribe(channel: string, onMessage: (message: string) => void, onGap: () => void): void {
    const subscription = { channel, onMessage, onGap };
    this.#subscriptions.push(subscription);
    if (this.#messages?.isReady) void this.#listen(this.#messages, subscription).catch(() => {});
  }

  async #send(command: readonly StoreArgument[]): Promise<StoreReply> {
    if (this.#commands === null) throw new StoreUnavailable("the shared store is not connected");
    try {
      return await this.#commands.sendCommand<StoreReply>([...command], { typeMapping });
    } catch (cause) {
      throw toStoreError(cause);
    }
  }

  /** Over a new connection after a failure: one through which nothing comes stays open for many minutes. */
  async #probe(wasUp: boolean): Promise<void> {
    if (!wasUp) {
      this.#drop();
      await this.#connect();
    }
    await this.#send(["PING"]);
    // A connection for messages that hangs misses them without a word.
    await this.#messages?.ping();
  }

  async #connect(): Promise<void> {
    const commands = open(this.#options);
    const messages = open(this.#options);
    this.#commands = commands;
    this.#messages = messages;
    try {
      await Promise.all([commands.connect(), messages.connect()]);
      for (const subscription of this.#subscriptions) await this.#listen(messages, subscription);
    } catch (cause) {
      throw toStoreError(cause);
    }
  }

  async #listen(messages: Client, { channel, onMessage, onGap }: Subscription): Promise<void> {
    await messages.subscribe(channel, onMessage);
    if (this.#messages === messages) onGap();
  }

  #drop(): void {
    for (const client of [this.#commands, this.#messages]) if (client?.isOpen) client.destroy();
    this.#commands = null;
    this.#messages = null;
  }

  #tellChange(isUp: boolean, cause: Error | null): void {
    const { logger } = this.#options;
    if (isUp) logger.info("the shared store answers");
    else {
      const mend = "this replica goes on alone, within its safe share of the ERP's limit; see docs/running.md";
      logger.warn({ err: cause }, `the shared store cannot be used: ${mend}`);
    }
    for (const listener of this.#listeners) listener(isUp);
  }

  /** A full or read-only store refuses every write: one line a minute says so. */
  #told(error: unknown, script: string): unknown {
    if (!(error instanceof StoreRefused)) return error;
    const { clock, logger } = this.#options;
    const kind = error.message.split(" ")[0] ?? "";
    if ((this.#toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) + refusalsToldMs <= clock.now()) {
      this.#toldAt.set(kind, clock.now());
      logger.warn(
        { err: error, script },
        "the shared store refuses what it is asked: is it full, or read-only? May its user run scripts?",
      );
    }
    return error;
  }
}

const typeMapping = { [RESP_TYPES.BLOB_STRING]: Buffer, [RESP_TYPES.SIMPLE_STRING]: Buffer } as const;

function open({ url }: ValkeyStoreOptions) {
  const client = createClient({
    url,
    name: "pricelane",
    // What a lost connection left unanswered fails at once: whether to ask again is decided above.
    disableOfflineQueue: true,
    socket: { connectTimeout: probeTimeoutMs, reconnectStrategy: false },
  });
  // Each failure is also the failure of what was asked; without a listener it would end the process.
  client.on("error", () => {});
  return client;
}

function toStoreError(cause: unknown): Error {
  if (cause instanceof StoreUnavailable || cause instanceof StoreRefused) return cause;
  const { message } = cause as Error;
  if (cause instanceof ErrorReply && !unusable.test(message)) return new StoreRefused(message);
  return new StoreUnavailable(message, { cause });
}

const shas = new WeakMap<StoreScript, string>();

function shaOf(script: StoreScript): string {
  const known = shas.get(script);
  if (known !== undefined) return known;
  const sha = createHash("sha1").update(script.lua).digest("hex");
  shas.set(script, sha);
  return sha;
}
