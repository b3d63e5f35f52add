import { type FileHandle, open, rm } from "node:fs/promises";
import { cannotWrite } from "./feed-ended.js";

/** Characters that are gathered before they are written. */
const gathered = 256 * 1024;

/** A file that is written beside its place; whoever wrote it renames it there. */
export class WholeFile {
  readonly #file: FileHandle;
  #text = "";

  private constructor(
    readonly path: string,
    readonly beside: string,
    file: FileHandle,
  ) {
    this.#file = file;
  }

  static async open(path: string): Promise<WholeFile> {
    const beside = `${path}.new`;
    try {
      return new WholeFile(path, beside, await open(beside, "w"));
    } catch (error) {
      throw cannotWrite(beside, error);
    }
  }

  async write(text: string): Promise<void> {
    this.#text += text;
    if (this.#text.length >= gathered) await this.#flush();
  }

  /** Once it returns, all is on the disk. */
  async finish(): Promise<void> {
    await this.#flush();
    try {
      await this.#file.sync();
      await this.#file.close();
    } catch (error) {
      throw cannotWrite(this.beside, error);
    }
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.beside, { force: true }).catch(() => {});
  }

  async #flush(): Promise<void> {
    const text = this.#text;
    this.#text = "";
    try {
      await this.#file.appendFile(text);
    } catch (error) {
      throw cannotWrite(this.beside, error);
    }
  }
}
