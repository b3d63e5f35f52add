import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { cannotWrite, FeedEnded } from "./feed-ended.js";

/** @throws {FeedEnded} for one that is there and cannot be read */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return null;
    throw new FeedEnded(
      "unwritable",
      `${path} cannot be read (${code ?? message}): mend that, or choose another place`,
    );
  }
}

/** Writes beside it, and renames once it is on the disk: nobody ever reads half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const beside = `${path}.new`;
  try {
    const file = await open(beside, "w");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => {}); // the first error is the one to tell
    throw cannotWrite(path, error);
  }
}

/** A rename is on the disk once its folder is. Where folders cannot be synced, the system sees to it. */
export async function syncFolderOf(path: string): Promise<void> {
  let folder: FileHandle;
  try {
    folder = await open(dirname(path), "r");
  } catch {
    return;
  }
  try {
    await folder.sync();
  } catch {
    // as on some network file systems
  } finally {
    await folder.close();
  }
}

/** @param flag that named it. @throws {FeedEnded} where no file can stand at the path */
export async function refuseBadTarget(path: string, flag: string): Promise<void> {
  const folder = await kindOf(dirname(path));
  if (folder !== "folder")
    throw new FeedEnded("unwritable", `${dirname(path)} is no folder: make it, or choose another ${flag}`);
  if ((await kindOf(path)) === "folder")
    throw new FeedEnded("unwritable", `${path} is a folder: name a file in it as ${flag}`);
}

async function kindOf(path: string): Promise<"folder" | "other" | "nothing"> {
  try {
    return (await stat(path)).isDirectory() ? "folder" : "other";
  } catch {
    return "nothing";
  }
}
