import type { BreakerHint, HintedBreaker } from "../pricing/breaker-hint.js";
import type { AnswerKind } from "../pricing/source.js";
import type { FleetParts } from "./shared-store.js";

/** What was told so long ago by the store's time, in ms, is heeded no more: who can write into the store can tell it anew. */
const heededForMs = 10_000;

const hintKinds: readonly unknown[] = ["trial", "failed", "well"] satisfies BreakerHint["kind"][];
const about = "breaker hint";

interface Told {
  readonly from: string;
  readonly of: AnswerKind;
  readonly hint: BreakerHint;
  /** The store's life, and its time as it was heard of last by who tells it, in ms since the epoch. */
  readonly life: string;
  readonly at: number;
}

/**
 * Has the circuit breakers of all replicas hear of one another's trial calls. What does not come is not waited for, and none waits for the
 * store: a breaker without hints does as if it were alone.
 */
export class BreakerHints {
  readonly #parts: FleetParts;
  readonly #channel: string;
  readonly #breakers = new Map<string, HintedBreaker>();

  constructor(parts: FleetParts) {
    this.#parts = parts;
    this.#channel = `${parts.seal.prefix}breakers`;
    parts.store.subscribe(
      this.#channel,
      (message) => this.#hear(message),
      () => {},
    );
  }

  /** @param of of which kind of question it is */
  join(of: AnswerKind, breaker: HintedBreaker): void {
    this.#breakers.set(of, breaker);
    breaker.onHint((hint) => this.#tell(of, hint));
  }

  #tell(of: AnswerKind, hint: BreakerHint): void {
    const { store, seal, life, clock } = this.#parts;
    const at = life.timeBefore(clock.now());
    if (!store.isUp || at === null || life.id === null) return;
    const told: Told = { from: life.replica, of, hint, life: life.id, at };
    const message = seal.close(JSON.stringify(told), about).toString("base64");
    void store.publish(this.#channel, message).catch(() => {});
  }

  #hear(message: string): void {
    const { seal, life, clock } = this.#parts;
    const content = seal.open(Buffer.from(message, "base64"), about);
    if (content === null) return;
    // Under the fleet's own seal; another release may tell something else.
    const { from, of, hint, life: told, at } = JSON.parse(content) as Told;
    const now = life.timeBefore(clock.now());
    if (from === life.replica || told !== life.id || now === null || Math.abs(now - at) > heededForMs) return;
    if (hintKinds.includes(hint.kind) && Number.isFinite(hint.forMs)) this.#breakers.get(of)?.heed(hint, from);
  }
}
