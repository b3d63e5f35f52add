import { createReadStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createFeedFormat } from "../../feed/formats/create-feed-format.js";
import type { ChannelRules, FeedFormat, FeedFormatName } from "../../feed/formats/feed-format.js";
import { cannotWrite, FeedEnded } from "./feed-ended.js";
import { parseFeedLine } from "./feed-line.js";
import { syncFolderOf } from "./files.js";
import { partPath } from "./part-path.js";
import { readLines } from "./read-lines.js";
import type { Tally } from "./tally.js";
import { WholeFile } from "./whole-file.js";

export interface PublishOptions {
  /** What was received: items, a line each. */
  readonly partialPath: string;
  readonly out: string;
  readonly format: FeedFormatName;
  readonly rules: ChannelRules;
  readonly tally: Tally;
  /** How many files the run before wrote to this target, where its format is cut. */
  readonly partsBefore: number;
  readonly signal: AbortSignal;
}

/**
 * Writes the feed's files beside their targets, and renames them once all are on the disk. May be done again: it then does the same.
 * @returns the files' paths
 * @throws {FeedEnded} where one cannot be written; the files that were there stay as they were
 */
export async function publish(options: PublishOptions): Promise<string[]> {
  const files: WholeFile[] = [];
  try {
    await writeFiles(options, files);
  } catch (error) {
    for (const file of files) await file.discard();
    throw error;
  }
  for (const { path, beside } of files)
    await rename(beside, path).catch((error: unknown) => {
      throw cannotWrite(path, error);
    });
  for (let part = files.length + 1; part <= options.partsBefore; part += 1)
    await rm(partPath(options.out, part), { force: true });
  await syncFolderOf(options.out);
  return files.map(({ path }) => path);
}

async function writeFiles({ partialPath, out, signal, ...options }: PublishOptions, files: WholeFile[]): Promise<void> {
  const { tally } = options;
  const create = () => createFeedFormat(options.format, options.rules, (sku, why) => tally.noteLeftOut(sku, why));
  let format = create();
  const { mostItems } = format;
  let told = 0;
  const begin = async () => {
    const file = await WholeFile.open(mostItems === null ? out : partPath(out, files.length + 1));
    files.push(file);
    await file.write(format.begin());
    return file;
  };
  let file = await begin();
  for await (const line of readLines(createReadStream(partialPath), Number.POSITIVE_INFINITY)) {
    signal.throwIfAborted();
    const record = parseItem(line, partialPath);
    tally.note(record);
    if (told === mostItems) {
      await finish(file, format);
      format = create();
      told = 0;
      file = await begin();
    }
    const text = format.item(record);
    if (text !== "") told += 1;
    await file.write(text);
  }
  await finish(file, format);
}

async function finish(file: WholeFile, format: FeedFormat): Promise<void> {
  await file.write(format.end());
  await file.finish();
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
