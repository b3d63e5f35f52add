import { rm } from "node:fs/promises";
import { basename } from "node:path";
import { cannotWrite } from "./feed-ended.js";
import { syncFolderOf, writeWhole } from "./files.js";

/** Where the files of a feed that is cut are listed, in their order. */
export function partListPath(out: string): string {
  return `${out}.parts.json`;
}

/** Takes the list away while the files are replaced, one after the other: whoever finds it finds all of one run. */
export async function removePartList(out: string): Promise<void> {
  const path = partListPath(out);
  await rm(path, { force: true }).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  await syncFolderOf(path); // before any file is replaced, whatever becomes of the machine
}

/** @param paths of files that lie beside it, in their order */
export async function writePartList(out: string, paths: readonly string[]): Promise<void> {
  await syncFolderOf(out);
  await writeWhole(partListPath(out), `${JSON.stringify({ files: paths.map((path) => basename(path)) })}\n`);
  await syncFolderOf(out);
}
