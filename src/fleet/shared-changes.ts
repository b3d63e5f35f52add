import type { ChangeRecord, NotedAnswer, NotedBatch, NotedSku, RecordState } from "../pricing/change-record.js";
import { changesScript, noteScript, stateScript } from "./journal-scripts.js";
import type { Seal } from "./seal.js";
import { type Store, type StoreArgument, type StoreReply, StoreUnavailable } from "./store.js";
import { newId, type StoreLife } from "./store-life.js";

export interface SharedChangesOptions {
  readonly store: Store;
  readonly seal: Seal;
  /** Which replicas have one journal: those that ask the ERP in the same way. */
  readonly rules: string;
  /** Its own: the journal has lives of its own. */
  readonly life: StoreLife;
  readonly maxSkus: number;
}

/** Stands in its names: to be raised with what its entries, or the digests in them, mean. */
export const journalVersion = "1";

/** Of a digest in the store, which must tell nobody how much is in stock: 48 bits. */
const digestLength = 8;
const about = "journal sku";
/** Of what a digest is kept. */
type Kind = "price" | "stock";

/** The journal of changes in the store, which all replicas write and read. It keeps nothing here but what was heard of it last. */
export class SharedChanges implements ChangeRecord {
  readonly #options: SharedChangesOptions;
  readonly #keys: readonly string[];
  #batches = 0;
  #heard: Pick<RecordState, "life" | "sequence"> = { life: "", sequence: 0 };

  constructor(options: SharedChangesOptions) {
    this.#options = options;
    const { life } = options;
    const names = ["entries", "order", "texts", "text order", `writer ${life.replica}`];
    this.#keys = names.map((name) => journalKey(options, name));
  }

  get isUp(): boolean {
    return this.#options.store.isUp;
  }

  async note({ skus, isAllTouched, isIncomplete }: NotedBatch): Promise<RecordState> {
    const { life, maxSkus } = this.#options;
    const args = [life.replica, String(++this.#batches), String(maxSkus), isAllTouched ? "1" : ""];
    const notes = skus.flatMap((noted) => this.#toArguments(noted));
    const reply = await this.#run(noteScript, this.#keys, isIncomplete, [...args, ...notes]);
    if (reply[2] === -1) throw new StoreUnavailable("the shared store has a later batch of the journal already");
    return this.#hear(reply);
  }

  async state(): Promise<RecordState> {
    return this.#hear(await this.#run(stateScript, this.#keys.slice(0, 2), false, []));
  }

  async changesBetween(after: number, until: number, limit: number) {
    const args = [String(after), String(until), String(limit)];
    const reply = await this.#run(changesScript, this.#keys.slice(0, 2), false, args);
    this.#hear(reply);
    const changes: { readonly sku: string; readonly sequence: number }[] = [];
    for (let at = 6; at < reply.length; at += 3) {
      const [sequence, name, sealed] = reply.slice(at, at + 3) as [number, Buffer, Buffer];
      const sku = this.#options.seal.open(Buffer.from(sealed.toString(), "base64"), `${about} ${name.toString()}`);
      // Whoever else writes there cannot have a change left out without a word.
      if (sku === null) throw new Error("what the shared store keeps of an SKU's changes is not believed");
      changes.push({ sku, sequence });
    }
    return changes;
  }

  async #run(
    script: typeof noteScript,
    keys: readonly string[],
    isNewLife: boolean,
    args: readonly StoreArgument[],
  ): Promise<readonly StoreReply[]> {
    const { life, sequence } = this.#heard;
    const head = [newId(), life, String(sequence), isNewLife ? "1" : ""];
    return (await this.#options.store.run(script, keys, [...head, ...args])) as readonly StoreReply[];
  }

  #hear(reply: readonly StoreReply[]): RecordState {
    const [id, storeTime, sequence, horizon, size, pending] = reply as [Buffer, number, number, number, number, number];
    const life = id.toString();
    this.#options.life.hear(life, storeTime);
    // Of two replies that overtook each other the later one counts.
    if (life !== this.#heard.life || sequence > this.#heard.sequence) this.#heard = { life, sequence };
    return { life, sequence, horizon, size, isPending: pending === 1 };
  }

  #toArguments({ sku, isTouched, price, stock }: NotedSku): string[] {
    const name = nameOf(this.#options, sku);
    const sealed = this.#options.seal.close(sku, `${about} ${name}`).toString("base64");
    const noted = [...this.#toDigest(sku, "price", price), ...this.#toDigest(sku, "stock", stock)];
    return [name, sealed, isTouched ? "1" : "", ...noted];
  }

  #toDigest(sku: string, kind: Kind, noted: NotedAnswer | null): [string, string] {
    const { seal, life } = this.#options;
    if (noted === null) return ["", "0"];
    const digest = seal.name("journal digest", kind, sku, String(noted.digest)).slice(0, digestLength);
    return [digest, String(life.timeBefore(noted.askedAt) ?? 0)];
  }
}

/** The name of an SKU in the journal's keys. */
export function nameOf({ seal, rules }: Pick<SharedChangesOptions, "seal" | "rules">, sku: string): string {
  return seal.name("journal sku", journalVersion, rules, sku);
}

export function journalKey({ seal, rules }: Pick<SharedChangesOptions, "seal" | "rules">, name: string): string {
  return `${seal.prefix}${seal.name("journal", journalVersion, rules, name)}`;
}
