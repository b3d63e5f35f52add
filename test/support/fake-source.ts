import {
  type Ask,
  type ErpCall,
  type ErpSource,
  type Found,
  fromErp,
  type Key,
  type Outcome,
  type PromptSource,
  type Reading,
  type TellingSource,
  type Told,
} from "../../src/pricing/source.js";

/** A question whose answer is the key's own name, so that whoever gets another key's answer can tell. */
export interface NamedKey extends Key {
  readonly group: string;
}

export function keysOf(...ids: readonly string[]): NamedKey[] {
  return ids.map((id) => ({ id, group: "" }));
}

/** Each key by its own name, as an SKU. */
export function bySku({ id }: Key): { readonly sku: string } {
  return { sku: id };
}

export function idsOf(keys: readonly Key[]): string[] {
  return keys.map(({ id }) => id);
}

/** One call that the fake ERP has taken, and not ended until told to. */
export interface PendingCall {
  readonly keys: readonly NamedKey[];
  readonly call: ErpCall;
  readonly isPending: boolean;
  /** Answers every key with its own id, or as `outcomeOf` says. */
  answer(outcomeOf?: (key: NamedKey) => Outcome<string>): void;
  fail(error: Error): void;
}

export interface FakeErpOptions {
  readonly keysPerCall?: number;
  /** Whether an aborted call ends at once, as a destroyed socket does; else it hangs until it is ended by hand. */
  readonly onAbort?: "hang" | Error;
}

/** An ERP whose calls end when the test says so. */
export class FakeErp implements ErpSource<NamedKey, string> {
  readonly keysPerCall: number;
  readonly calls: PendingCall[] = [];
  mostInFlight = 0;
  readonly #onAbort: "hang" | Error;

  constructor({ keysPerCall = 100, onAbort = "hang" }: FakeErpOptions = {}) {
    this.keysPerCall = keysPerCall;
    this.#onAbort = onAbort;
  }

  get inFlight(): PendingCall[] {
    return this.calls.filter(({ isPending }) => isPending);
  }

  /** The ids of each call so far. */
  get asked(): string[][] {
    return this.calls.map(({ keys }) => idsOf(keys));
  }

  groupOf({ group }: NamedKey): string {
    return group;
  }

  readMany(keys: readonly NamedKey[], call: ErpCall): Promise<Outcome<string>[]> {
    return new Promise((resolve, reject) => {
      let isPending = true;
      const end = (run: () => void) => {
        isPending = false;
        run();
      };
      this.calls.push({
        keys,
        call,
        get isPending() {
          return isPending;
        },
        answer: (outcomeOf = ({ id }) => ({ kind: "found", answer: id, freshness: fromErp(call) })) =>
          end(() => resolve(keys.map(outcomeOf))),
        fail: (error) => end(() => reject(error)),
      });
      this.mostInFlight = Math.max(this.mostInFlight, this.inFlight.length);
      const onAbort = this.#onAbort;
      if (onAbort !== "hang") call.signal.addEventListener("abort", () => end(() => reject(onAbort)));
    });
  }

  /** The call at `index`, which must have been made. */
  callAt(index: number): PendingCall {
    const call = this.calls[index];
    if (call === undefined) throw new Error(`call ${index} was never made: there were ${this.calls.length}`);
    return call;
  }
}

/** A source that answers each key at once, and remembers what it was asked. */
export class RecordingSource<K extends Key, Answer> implements TellingSource<K, Answer>, PromptSource<K, Answer> {
  readonly asked: { readonly keys: readonly K[]; readonly ask: Ask }[] = [];
  /** May be replaced; a promise holds its own key's answer back, and with it the whole read. */
  outcomeOf: (key: K, ask: Ask) => Outcome<Answer> | Promise<Outcome<Answer>>;
  readonly #listeners: ((key: K, outcome: Outcome<Answer>, reading: Reading) => void)[] = [];

  constructor(outcomeOf: (key: K, ask: Ask) => Outcome<Answer> | Promise<Outcome<Answer>>) {
    this.outcomeOf = outcomeOf;
  }

  /** What it is to have kept, by the key's id. */
  readonly kept = new Map<string, Found<Answer>>();

  lastKnown({ id }: K): Found<Answer> | null {
    return this.kept.get(id) ?? null;
  }

  /** It keeps nothing fresh. */
  noteServed(): void {}

  allFresh(): readonly Told<Answer>[] | null {
    return null;
  }

  /** The ids of each read so far. */
  get askedIds(): string[][] {
    return this.asked.map(({ keys }) => idsOf(keys));
  }

  onOutcome(listener: (key: K, outcome: Outcome<Answer>, reading: Reading) => void): void {
    this.#listeners.push(listener);
  }

  /** It has no reads under way that a later question could join. */
  supersede(): void {}

  /** Tells an outcome that nobody waits for, as one that came after its caller's deadline. */
  tell(key: K, outcome: Outcome<Answer>, { lane = "storefront", sentAt = null }: Partial<Reading> = {}): void {
    for (const listener of this.#listeners) listener(key, outcome, { lane, sentAt });
  }

  async readMany(keys: readonly K[], ask: Ask): Promise<Outcome<Answer>[]> {
    this.asked.push({ keys, ask });
    return Promise.all(
      keys.map(async (key) => {
        const outcome = await this.outcomeOf(key, ask);
        this.tell(key, outcome, { lane: ask.lane });
        return outcome;
      }),
    );
  }
}
