import type { Clock } from "../../clock.js";
import type { ReceivedPage } from "./read-pages.js";
import { sourcesOf } from "./tally.js";
import { tellDuration } from "./tell-duration.js";

/** How often, in ms, a terminal's line is drawn anew, and a line is written where there is no terminal. */
const redrawMs = 200;
const logEveryMs = 10_000;

const barWidth = 16;

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly isTerminal: boolean;
  /** How wide the terminal is: a line that is cut can be drawn over, one that wraps cannot. */
  readonly columns: () => number;
  readonly isQuiet: boolean;
  readonly clock: Clock;
}

/** Tells a person how far a run is: one line that changes, or a line now and then. */
export class Progress {
  readonly #options: ProgressOptions;
  #startedAt = 0;
  #toldAt = 0;
  #itemsBefore = 0;
  #expectedItems: number | null = null;
  #items = 0;
  #answers = 0;
  #answersFromErp = 0;
  #isDrawn = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
  }

  /**
   * @param itemsBefore items that are here from an earlier call
   * @param expectedItems items that there were in the last full run; null where that tells nothing of this one
   */
  begin(itemsBefore: number, expectedItems: number | null): void {
    this.#startedAt = this.#options.clock.now();
    this.#toldAt = this.#startedAt;
    this.#itemsBefore = itemsBefore;
    this.#expectedItems = expectedItems;
    this.#items = 0;
    this.#answers = 0;
    this.#answersFromErp = 0;
  }

  onPage({ records }: ReceivedPage): void {
    const sources = records.flatMap(sourcesOf);
    this.#items += records.length;
    this.#answers += sources.length;
    this.#answersFromErp += sources.filter((source) => source === "ERP").length;
    const { isTerminal, isQuiet, clock } = this.#options;
    if (isQuiet || clock.now() - this.#toldAt < (isTerminal ? redrawMs : logEveryMs)) return;
    this.#toldAt = clock.now();
    this.#draw();
  }

  /** Something a person may like to know. */
  note(note: string): void {
    if (this.#options.isQuiet) return;
    this.clear();
    this.#options.write(`${note}\n`);
  }

  /** Takes the changing line away. */
  clear(): void {
    if (this.#isDrawn) this.#options.write("\r\u001b[K");
    this.#isDrawn = false;
  }

  #draw(): void {
    const { isTerminal, columns, write } = this.#options;
    write(isTerminal ? `\r\u001b[K${this.#tell().slice(0, columns() - 1)}` : `${this.#tell()}\n`);
    this.#isDrawn = isTerminal;
  }

  #tell(): string {
    const { clock, isTerminal } = this.#options;
    const expectedItems = this.#expectedItems;
    const elapsedMs = Math.max(1, clock.now() - this.#startedAt);
    const perSecond = (this.#items * 1000) / elapsedMs;
    const items = this.#itemsBefore + this.#items;
    const share = this.#answers === 0 ? 0 : Math.round((100 * this.#answersFromErp) / this.#answers);
    const isTold = expectedItems !== null && expectedItems > items && perSecond > 0;
    const left = isTold ? (1000 * (expectedItems - items)) / perSecond : null;
    return [
      ...(left === null || !isTerminal ? [] : [bar(items / (expectedItems ?? 1))]),
      `${items} items${left === null ? "" : ` of about ${expectedItems}`}`,
      `${Math.round(perSecond)}/s`,
      `ERP ${share} %`,
      left === null ? tellDuration(elapsedMs) : `about ${tellDuration(left)} left`,
    ].join("  ");
  }
}

function bar(share: number): string {
  const full = Math.min(barWidth, Math.floor(share * barWidth));
  return `[${"#".repeat(full)}${".".repeat(barWidth - full)}]`;
}
