import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { constants, createGzip, type Gzip } from "node:zlib";

/**
 * The body of a stream, compressed or not. Nothing is held back for the sake of compression, and no more is held for a slow reader
 * than what was written last.
 */
export class FeedBody {
  readonly #response: ServerResponse;
  readonly #gzip: Gzip | null;

  /** The head must have been written, but nothing of the body. */
  constructor(response: ServerResponse, isCompressed: boolean) {
    this.#response = response;
    this.#gzip = isCompressed ? createGzip() : null;
    this.#gzip?.pipe(response);
  }

  /** @returns once the reader has taken so much that more may be written; never, where it takes nothing any more */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#gzip === null) this.#response.write(bytes);
    else await compress(this.#gzip, bytes);
    // By its own event and not by what `write` said: what the compressor holds is written as soon as there is room, and may fill it.
    while (this.#response.writableNeedDrain) await once(this.#response, "drain");
  }

  /** The last words of a body that is cut: nobody waits for whether they are read. */
  endWith(text: string): void {
    (this.#gzip ?? this.#response).end(text);
  }

  /** The body is whole. @param trailers told after it, by the names that the header `Trailer` announced */
  end(trailers: Readonly<Record<string, string>> = {}): void {
    if (Object.keys(trailers).length > 0) this.#response.addTrailers(trailers);
    (this.#gzip ?? this.#response).end();
  }

  /** The body is not whole, and must not look so: the connection breaks before the end of the body was told. */
  destroy(): void {
    this.#gzip?.destroy();
    this.#response.destroy();
  }
}

function compress(gzip: Gzip, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    gzip.write(bytes);
    gzip.flush(constants.Z_SYNC_FLUSH, resolve);
  });
}
