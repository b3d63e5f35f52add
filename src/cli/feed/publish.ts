import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createFeedFormat } from "../../feed/formats/create-feed-format.js";
import type { ChannelRules, FeedFormat, FeedFormatName } from "../../feed/formats/feed-format.js";
import type { FeedRecord } from "../../feed/formats/feed-record.js";
import { isShrunk } from "../../feed/is-shrunk.js";
import { cannotWrite, FeedEnded } from "./feed-ended.js";
import { parseFeedLine } from "./feed-line.js";
import { syncFolderOf } from "./files.js";
import { removePartList, writePartList } from "./part-list.js";
import { partPath } from "./part-path.js";
import { readLines } from "./read-lines.js";
import { type Counts, forSaleOf, type Tally } from "./tally.js";
import { WholeFile } from "./whole-file.js";

/** Items of a full run, and those of them that were for sale. */
export interface FullRun {
  readonly items: number;
  readonly forSale: number;
}

export interface PublishOptions {
  /** What was received: items, a line each. */
  readonly partialPath: string;
  readonly out: string;
  readonly format: FeedFormatName;
  readonly rules: ChannelRules;
  readonly tally: Tally;
  /** How many files the run before wrote to this target, where its format is cut. */
  readonly partsBefore: number;
  readonly kind: "full" | "delta";
  /** Whether what is there may be replaced by what names nothing for sale. */
  readonly mayBeEmpty: boolean;
  /** The last full run, of whose items for sale at least a part must be left; null where anything may be. */
  readonly shrinksFrom: FullRun | null;
  readonly signal: AbortSignal;
}

/**
 * Writes the feed's files beside their targets, and renames them once all are on the disk. May be done again: it then does the same.
 * @returns the files' paths
 * @throws {FeedEnded} where one cannot be written, or nothing is for sale and should be; the files that were there stay as they were
 */
export async function publish(options: PublishOptions): Promise<string[]> {
  const files: WholeFile[] = [];
  try {
    await writeFiles(options, files);
    if (!options.mayBeEmpty) refuseEmpty(options);
    refuseShrunk(options);
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
  const isCut = files[0]?.path !== options.out;
  if (isCut) await removePartList(options.out);
  for (const { path, beside } of files)
    await rename(beside, path).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  for (let part = files.length + 1; part <= options.partsBefore; part += 1)
    await removePart(partPath(options.out, part));
  const paths = files.map(({ path }) => path);
  if (isCut) await writePartList(options.out, paths);
  else await syncFolderOf(options.out);
  return paths;
}

async function removePart(path: string): Promise<void> {
  await rm(path, { force: true }).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
}

/** An ERP that lists nothing, or prices nothing, is at fault more often than a shop is empty, and a marketplace would take all of it down. */
function refuseEmpty({ tally, out }: PublishOptions): void {
  const { items } = tally.counts;
  if (forSaleOf(tally.counts) > 0) return;
  const found = items === 0 ? "the ERP lists no product" : `none of the ERP's ${items} products is for sale`;
  throw new FeedEnded(
    "empty",
    `${found}: ${out} stays as it was. See what the ERP says, or give --allow-empty where this is so`,
  );
}

/** Likewise an ERP that suddenly names much less: a list that breaks off in its middle looks just so. */
function refuseShrunk({ tally, out, kind, shrinksFrom }: PublishOptions): void {
  if (shrinksFrom === null) return;
  const left = leftOf(kind, tally.counts, shrinksFrom);
  if (left === 0 || !isShrunk(left, shrinksFrom.forSale)) return;
  throw new FeedEnded(
    "shrunk",
    `of ${shrinksFrom.forSale} items that were for sale ${left} are left: ${out} stays as it was. See what the ERP says, or give --allow-shrink where this is so`,
  );
}

/** 0 is an empty run, which is judged as such. */
function leftOf(kind: "full" | "delta", counts: Counts, { items, forSale }: FullRun): number {
  if (kind === "full") return forSaleOf(counts);
  // A delta also names as removed what was listed and never for sale: so many of them say nothing of what was.
  const gone = Math.max(counts.removed + counts.notForSale - (items - forSale), 0);
  return Math.max(forSale - gone, forSaleOf(counts), 1);
}

async function writeFiles({ partialPath, ...options }: PublishOptions, files: WholeFile[]): Promise<void> {
  const { tally, signal } = options;
  let part = await Part.begin(options, files);
  for await (const line of readLines(createReadStream(partialPath), Number.POSITIVE_INFINITY)) {
    signal.throwIfAborted();
    const record = parseItem(line, partialPath);
    tally.note(record);
    if (await part.tell(record)) continue;
    await part.finish();
    part = await Part.begin(options, files);
    await part.tell(record);
  }
  await part.finish();
}

/** More than stands before the first item and after the last one. */
const frameBytes = 4096;

/** One of the files that a feed is cut into, or the only one. */
class Part {
  readonly #file: WholeFile;
  readonly #format: FeedFormat;
  #items = 0;
  #bytes = 0;

  private constructor(file: WholeFile, format: FeedFormat) {
    this.#file = file;
    this.#format = format;
  }

  /** @param files where it is added, so that it is discarded with the others where one fails */
  static async begin(options: Omit<PublishOptions, "partialPath">, files: WholeFile[]): Promise<Part> {
    const { format: name, rules, tally, out } = options;
    const format = createFeedFormat(name, rules, (sku, why) => tally.noteLeftOut(sku, why));
    const file = await WholeFile.open(
      format.mostItems === null && format.mostBytes === null ? out : partPath(out, files.length + 1),
    );
    files.push(file);
    await file.write(format.begin());
    return new Part(file, format);
  }

  /** @returns false where it is full: what is left to tell is the next one's */
  async tell(record: FeedRecord): Promise<boolean> {
    const text = this.#format.item(record);
    if (text === "") return true; // so that no file is begun for what none tells
    const bytes = Buffer.byteLength(text);
    if (this.#isFullFor(bytes)) return false;
    this.#items += 1;
    this.#bytes += bytes;
    await this.#file.write(text);
    return true;
  }

  /** One item alone goes into a file, however large it is. */
  #isFullFor(bytes: number): boolean {
    const { mostItems, mostBytes } = this.#format;
    if (this.#items === 0) return false;
    return this.#items === mostItems || (mostBytes !== null && this.#bytes + bytes + frameBytes > mostBytes);
  }

  async finish(): Promise<void> {
    await this.#file.write(this.#format.end());
    await this.#file.finish();
  }
}

function parseItem(line: Buffer, path: string) {
  try {
    const parsed = parseFeedLine(line.toString("utf8"));
    if (parsed.kind === "item") return parsed.record;
  } catch {
    // said below
  }
  throw new FeedEnded("notAsAsked", `${path} was changed by somebody: give --fresh to start over`);
}
