import { type FileHandle, open } from "node:fs/promises";
import { cannotWrite } from "./feed-ended.js";

/** What a run received so far, as it came, in a file of its own. */
export class PartialFile {
  readonly #file: FileHandle;
  readonly #path: string;
  #bytes: number;

  private constructor(file: FileHandle, path: string, bytes: number) {
    this.#file = file;
    this.#path = path;
    this.#bytes = bytes;
  }

  /**
   * Opens it, cut to what is known to be whole.
   * @returns null where it holds less than that: what was kept is gone
   * @throws {FeedEnded} where it cannot be written
   */
  static async open(path: string, bytes: number): Promise<PartialFile | null> {
    try {
      const file = await open(path, bytes === 0 ? "w" : "a+");
      if ((await file.stat()).size < bytes) {
        await file.close();
        return null;
      }
      await file.truncate(bytes);
      return new PartialFile(file, path, bytes);
    } catch (error) {
      throw cannotWrite(path, error);
    }
  }

  /** @returns how many bytes are in it, and on the disk */
  async append(bytes: Uint8Array): Promise<number> {
    try {
      await this.#file.appendFile(bytes);
      await this.#file.datasync();
    } catch (error) {
      throw cannotWrite(this.#path, error);
    }
    this.#bytes += bytes.byteLength;
    return this.#bytes;
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
