import { everything, type Invalidation, type Reach } from "../pricing/invalidation.js";
import { linesToDraw } from "./lines.js";
import type { Membership } from "./membership.js";
import { invalidateScript } from "./scripts.js";
import type { FleetParts } from "./shared-store.js";
import { newId } from "./store-life.js";

export interface FleetInvalidationsOptions extends FleetParts {
  readonly membership: Membership;
  /**
   * Forgets what another replica's client had invalidated.
   * @param drawnAt when its lines were drawn, by the store's clock, in ms since the epoch; null where that is not known
   */
  readonly onInvalidated: (invalidation: Invalidation, drawnAt: number | null) => void;
}

/** Who did not confirm an invalidation. */
export type Unconfirmed = readonly string[];

/** Stands for replicas that nobody can name, since the store did not answer or has only just begun. */
export const anyReplica = "*";

/** How long the others are waited for, in ms. */
const confirmMs = 1_000;

/** A store that began less than this ago, in ms, does not know yet who is there: replicas try up to 5 s apart to reach it. */
const settledMs = 10_000;

/** Most invalidations that are kept for a store that is away; past it they are one of everything. */
const mostUndelivered = 100;

interface Undelivered {
  readonly invalidation: Invalidation;
  readonly lines: readonly string[];
}

const about = "invalidation";

/** Tells invalidations to every replica, draws their lines in time, and waits until all confirmed. */
export class FleetInvalidations {
  readonly #options: FleetInvalidationsOptions;
  readonly #channel: string;
  readonly #confirmations: string;
  /** Who confirmed, by life and number of the invalidation; the oldest first. */
  readonly #confirmed = new Map<string, { readonly by: Set<string>; onConfirmed: () => void }>();
  #undelivered: Undelivered[] = [];

  constructor(options: FleetInvalidationsOptions) {
    this.#options = options;
    const { store, seal, life } = options;
    this.#channel = `${seal.prefix}invalidations`;
    this.#confirmations = `${seal.prefix}confirmed:`;
    // That messages may have been missed shows in their numbers.
    store.subscribe(
      this.#channel,
      (message) => this.#hear(message),
      () => {},
    );
    store.subscribe(
      `${this.#confirmations}${life.replica}`,
      (message) => this.#noteConfirmed(message),
      () => {},
    );
  }

  /**
   * Has every other replica forget what this one has forgotten already.
   * @param reach as the records say that this replica keeps. @param onDrawn told when that was by the store's clock, in ms since the epoch
   * @returns who did not confirm; none where all others have forgotten
   */
  async tell(
    invalidation: Invalidation,
    reach: Reach,
    onDrawn: (storeTime: number) => void = () => {},
  ): Promise<Unconfirmed> {
    const told = { invalidation, lines: linesToDraw(this.#options.seal, invalidation, reach) };
    const unconfirmed = await this.#send(told, onDrawn).catch(() => null);
    if (unconfirmed !== null) return unconfirmed;
    this.#undelivered.push(told);
    if (this.#undelivered.length > mostUndelivered) {
      const all = { invalidation: everything, lines: linesToDraw(this.#options.seal, everything, noReach) };
      this.#undelivered = [all];
    }
    return [anyReplica];
  }

  /**
   * Likewise, but does not wait for those that it tells, who find out that they missed it, and keeps nothing for a store that is away.
   * @throws as `Store.run`
   */
  async announce(
    invalidation: Invalidation,
    reach: Reach,
    onDrawn: (storeTime: number) => void = () => {},
  ): Promise<void> {
    const { storeTime } = await this.#draw({
      invalidation,
      lines: linesToDraw(this.#options.seal, invalidation, reach),
    });
    onDrawn(storeTime);
  }

  async #send(told: Undelivered, onDrawn: (storeTime: number) => void): Promise<Unconfirmed> {
    const { number, storeTime, born, others } = await this.#draw(told);
    onDrawn(storeTime);
    const missing = await this.#waitFor(number, others);
    return storeTime - born < settledMs ? [...missing, anyReplica] : missing;
  }

  /** Draws its lines and has it told. */
  async #draw({ invalidation, lines }: Undelivered) {
    const { store, seal, life, membership } = this.#options;
    const message = seal.close(write(invalidation), about).toString("base64");
    const args = [newId(), life.replica, this.#channel, message, ...lines];
    const reply = await store.run(invalidateScript, [`${seal.prefix}fleet`], args);
    const [id, storeTime, seq, born, ...members] = reply as [Buffer, number, number, number, ...Buffer[]];
    life.hear(id.toString(), storeTime);
    membership.hear(seq);
    const others = members.map(String).filter((member) => member !== life.replica);
    return { number: `${id} ${seq}`, storeTime, born, others };
  }

  /**
   * Tells those that could not be told when they were made: this replica forgot, and the answers of before still stand in the store.
   * @param onDrawn as of {@link tell}, for each
   */
  async deliver(onDrawn: (storeTime: number) => void = () => {}): Promise<void> {
    const due = this.#undelivered;
    this.#undelivered = [];
    // All lines are drawn at once: one that waited for the confirmations of the one before would let its answers be told meanwhile.
    const sent = due.map((each) =>
      this.#send(each, onDrawn)
        .then(() => null)
        .catch(() => each),
    );
    for (const failed of await Promise.all(sent)) if (failed !== null) this.#undelivered.push(failed);
  }

  #hear(message: string): void {
    const { store, seal, life, membership, onInvalidated } = this.#options;
    const [id = "", seqText, from = "", sealed = "", drawnText] = message.split(" ");
    const seq = Number(seqText);
    const content = seal.open(Buffer.from(sealed, "base64"), about);
    if (from === life.replica || content === null || !Number.isSafeInteger(seq)) return;
    const drawnAt = id === life.id ? Number(drawnText) : Number.NaN;
    onInvalidated(read(content), Number.isSafeInteger(drawnAt) ? drawnAt : null);
    // Of another life: that will be heard of with the next reply, and all is forgotten then.
    if (id === life.id) membership.hear(seq);
    // Who does not hear of it names this replica, which is what is to be said then.
    void store.publish(`${this.#confirmations}${from}`, `${id} ${seq} ${life.replica}`).catch(() => {});
  }

  #noteConfirmed(message: string): void {
    const [id, seq, by = ""] = message.split(" ");
    // It may come before the reply to what it confirms.
    const waited = this.#confirmedOf(`${id} ${seq}`);
    waited.by.add(by);
    waited.onConfirmed();
  }

  #waitFor(number: string, others: readonly string[]): Promise<Unconfirmed> {
    const waited = this.#confirmedOf(number);
    const missing = () => others.filter((other) => !waited.by.has(other));
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#confirmed.delete(number);
        resolve(missing());
      };
      const cancel = this.#options.clock.after(confirmMs, end);
      waited.onConfirmed = () => {
        if (missing().length === 0) end();
      };
      waited.onConfirmed();
    });
  }

  #confirmedOf(number: string) {
    const waited = this.#confirmed.get(number) ?? { by: new Set<string>(), onConfirmed() {} };
    this.#confirmed.set(number, waited);
    // What nobody waits for any more.
    if (this.#confirmed.size > 1_000)
      for (const [oldest] of this.#confirmed) {
        this.#confirmed.delete(oldest);
        break;
      }
    return waited;
  }
}

const noReach: Reach = { scopes: new Set(), customers: new Set() };

function write(invalidation: Invalidation): string {
  return JSON.stringify(invalidation, (_, value: unknown) => (value instanceof Set ? [...value] : value));
}

/** What {@link write} wrote, under the fleet's own seal. */
function read(content: string): Invalidation {
  const { kinds, skus, customers, priceScopes, reachesTheirScopes } = JSON.parse(content) as {
    [Name in keyof Invalidation]: Invalidation[Name] extends ReadonlySet<infer Item> | null ? Item[] | null : boolean;
  };
  const toSet = <Item>(items: Item[] | null) => (items === null ? null : new Set(items));
  return {
    ...{ kinds: toSet(kinds), skus: toSet(skus), customers: toSet(customers), priceScopes: toSet(priceScopes) },
    reachesTheirScopes,
  };
}
