import { createHash } from "node:crypto";
import type { KeptText, OtherText, RecalledTexts, TextRecord } from "../pricing/change-record.js";
import { recallTextsScript, swapScript } from "./journal-scripts.js";
import { journalKey, nameOf, type SharedChangesOptions } from "./shared-changes.js";
import type { StoreReply } from "./store.js";
import { newId } from "./store-life.js";

const about = "journal text";
/** Read in one script, some kilobytes each at most. */
const recalledAtOnce = 200;

/** Texts of SKUs beside the journal of changes, sealed. */
export class SharedTexts implements TextRecord {
  readonly #options: Pick<SharedChangesOptions, "store" | "seal" | "rules">;
  readonly #keys: readonly string[];

  constructor(options: Pick<SharedChangesOptions, "store" | "seal" | "rules">) {
    this.#options = options;
    this.#keys = ["texts", "text order"].map((name) => journalKey(options, name));
  }

  get isUp(): boolean {
    return this.#options.store.isUp;
  }

  async recall(life: string, place: number): Promise<RecalledTexts> {
    const args = [newId(), life, String(place), String(recalledAtOnce)];
    const reply = (await this.#options.store.run(recallTextsScript, this.#keys, args)) as readonly StoreReply[];
    const [id, next, ...rest] = reply as [Buffer, number, ...Buffer[]];
    const texts: KeptText[] = [];
    for (let at = 0; at < rest.length; at += 2) {
      const text = this.#open(String(rest[at]), rest[at + 1] as Buffer);
      if (text !== null) texts.push(text);
    }
    return { life: id.toString(), place: next, texts, hasMore: rest.length === 2 * recalledAtOnce };
  }

  async swap(
    texts: readonly (KeptText & { readonly expected: string | null })[],
  ): Promise<readonly (OtherText | null)[]> {
    const { store, seal } = this.#options;
    const names = texts.map(({ sku }) => nameOf(this.#options, sku));
    const args = texts.flatMap(({ sku, text, expected }, index) => {
      const name = names[index] as string;
      return [name, expected ?? "", seal.close(JSON.stringify([sku, text]), `${about} ${name}`).toString("base64")];
    });
    const reply = (await store.run(swapScript, this.#keys, [newId(), ...args])) as readonly Buffer[];
    return reply.map((there, index) => {
      if (there.length === 0) return null;
      const token = createHash("sha1").update(there).digest("hex");
      return { token, text: this.#open(names[index] as string, there)?.text ?? null };
    });
  }

  #open(name: string, sealed: Buffer): KeptText | null {
    const content = this.#options.seal.open(Buffer.from(sealed.toString(), "base64"), `${about} ${name}`);
    if (content === null) return null;
    const [sku, text] = JSON.parse(content) as [string, string];
    return { sku, text };
  }
}
