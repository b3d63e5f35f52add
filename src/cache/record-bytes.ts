/** A decimal that comes back by its digits and its scale alone: written the usual way, with up to 6 decimals. */
const plainDecimal = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]{1,6})?$/;
/** Digits of which sixteen times the whole stays an exact integer: 16 × 10^14 is below 2^53. */
const mostDigits = 14;
/** In the lowest four bits, where a decimal has its sign and its scale (up to 6). */
const isNull = 7;
const isText = 15;

/** Grows as needed, and is used for one record after the other. */
export class RecordWriter {
  bytes: Buffer = Buffer.alloc(256);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** @param value an integer from 0, below 2^53 */
  writeVarint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 128) {
      this.bytes[this.length++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.length++] = rest;
  }

  /** An instant by its distance from another one; as it is where that would not give it back exactly. */
  writeInstant(at: number, from: number): void {
    const distance = at - from;
    if (Number.isInteger(distance) && Number.isSafeInteger(distance * 4) && from + distance === at) {
      this.writeVarint(distance < 0 ? -distance * 4 + 2 : distance * 4);
      return;
    }
    this.writeVarint(1);
    this.#reserve(8);
    this.bytes.writeDoubleLE(at, this.length);
    this.length += 8;
  }

  /** A decimal in a few bytes, any other text in its own length and some. It comes back character by character. */
  writeValue(value: string | null): void {
    if (value === null) this.writeVarint(isNull);
    else if (!plainDecimal.test(value)) this.#writeOther(value);
    else {
      const point = value.indexOf(".");
      const sign = value.startsWith("-") ? 1 : 0;
      const digits = point < 0 ? value.slice(sign) : value.slice(sign, point) + value.slice(point + 1);
      if (digits.length > mostDigits) this.#writeOther(value);
      // No money is reckoned with here: digits are read as an integer that is exact, and written out again.
      else this.writeVarint(Number(digits) * 16 + sign * 8 + (point < 0 ? 0 : value.length - point - 1));
    }
  }

  /** @param text without lone surrogates, as JSON is */
  writeText(text: string): void {
    const length = Buffer.byteLength(text);
    this.writeVarint(length);
    this.#reserve(length);
    this.bytes.write(text, this.length);
    this.length += length;
  }

  #writeOther(value: string): void {
    this.writeVarint(isText);
    this.writeText(JSON.stringify(value)); // which escapes what UTF-8 cannot say
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = Buffer.alloc(2 * (this.length + more));
    this.bytes.copy(grown);
    this.bytes = grown;
  }
}

/** Reads what a {@link RecordWriter} wrote, in the same order. */
export class RecordReader {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;

  readVarint(): number {
    let value = 0;
    let unit = 1;
    for (;;) {
      const byte = this.bytes[this.position++] as number;
      if (byte < 128) return value + byte * unit;
      value += (byte - 128) * unit;
      unit *= 128;
    }
  }

  readInstant(from: number): number {
    const code = this.readVarint();
    if (code === 1) {
      this.position += 8;
      return this.bytes.readDoubleLE(this.position - 8);
    }
    return code % 4 === 2 ? from - (code - 2) / 4 : from + code / 4;
  }

  readValue(): string | null {
    const code = this.readVarint();
    const kind = code % 16;
    if (kind === isNull) return null;
    if (kind === isText) return JSON.parse(this.readText()) as string;
    const scale = kind % 8;
    const sign = kind >= 8 ? "-" : "";
    const digits = String((code - kind) / 16);
    if (scale === 0) return sign + digits;
    const padded = digits.padStart(scale + 1, "0");
    return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
  }

  readText(): string {
    const length = this.readVarint();
    this.position += length;
    return this.bytes.toString("utf8", this.position - length, this.position);
  }
}
