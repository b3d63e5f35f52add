import { TryAgain } from "./feed-ended.js";

const lineFeed = 0x0a;

/**
 * The lines of a stream, each with its line feed. What follows the last one is half a line, and dropped.
 * @param mostBytes of one line
 * @throws {TryAgain} for a longer one, which no gateway tells
 */
export async function* readLines(chunks: AsyncIterable<Uint8Array>, mostBytes: number): AsyncGenerator<Buffer> {
  let pieces: Uint8Array[] = [];
  let held = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, from)) {
      pieces.push(chunk.subarray(from, end + 1));
      yield Buffer.concat(pieces);
      pieces = [];
      held = 0;
      from = end + 1;
    }
    if (from === chunk.byteLength) continue;
    pieces.push(chunk.subarray(from));
    held += chunk.byteLength - from;
    if (held > mostBytes) throw new TryAgain(`the gateway told a line of more than ${mostBytes} bytes`);
  }
}
