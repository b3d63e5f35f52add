/** What one name costs besides its characters, in bytes: the string's head, and entries of a map and of lists. */
const bytesPerName = 120;
const bytesPerCharacter = 2;

/** Numbers from 1 for names, each kept as long as it is used. */
export class NameTable {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [""];
  readonly #uses: number[] = [0];
  readonly #unused: number[] = [];
  #bytes = 0;

  /** An estimate, from above. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns its number; 0 where nothing has this name */
  numberOf(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  nameOf(number: number): string {
    return this.#names[number] as string;
  }

  /** Counts one use more. @returns its number */
  use(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) {
      this.#uses[known] = (this.#uses[known] as number) + 1;
      return known;
    }
    const number = this.#unused.pop() ?? this.#names.length;
    this.#numbers.set(name, number);
    this.#names[number] = name;
    this.#uses[number] = 1;
    this.#bytes += costOf(name);
    return number;
  }

  /** One use less; with its last one it is forgotten. */
  release(number: number): void {
    const uses = (this.#uses[number] as number) - 1;
    this.#uses[number] = uses;
    if (uses > 0) return;
    const name = this.nameOf(number);
    this.#numbers.delete(name);
    this.#names[number] = "";
    this.#unused.push(number);
    this.#bytes -= costOf(name);
  }
}

/** What a name costs that nothing else has. */
export function costOf(name: string): number {
  return bytesPerName + bytesPerCharacter * name.length;
}
