import type { Catalogue } from "./catalogue.js";
import type { Movement } from "./movement.js";
import { badRequest, PortProblem, shown } from "./problem.js";
import { draw, luck } from "./random.js";
import type { Steps } from "./steps.js";

/** The answer of `GET /v1/changes`. */
export interface ChangeAnswer {
  readonly changes: readonly { readonly kind: "stock" | "price"; readonly sku: string }[];
  readonly next: string;
  readonly more: boolean;
}

interface Position {
  readonly step: number;
  /** How many changes of that step were told. */
  readonly told: number;
}

/** What moved, derived from the same schedule that moves it. */
export class ChangeLog {
  // Cursors of another catalogue or another pace would name the wrong SKUs.
  readonly #mark: string;

  constructor(
    readonly catalogue: Catalogue,
    readonly steps: Steps,
    readonly movements: readonly { readonly kind: "stock" | "price"; readonly movement: Movement }[],
    /** How many steps back a cursor may lie. */
    readonly backlogSteps: number,
  ) {
    const { seed, size } = catalogue;
    this.#mark = draw(seed, luck.cursor, size, steps.stepMs).toString(36);
  }

  /** @throws {PortProblem} 400 for what is no cursor, 410 for one that the backlog no longer reaches */
  read(since: string | null, limit: number): ChangeAnswer {
    const end = this.steps.current() + 1;
    if (since === null) return { changes: [], next: this.#cursor({ step: end, told: 0 }), more: false };
    let { step, told } = this.#parse(since, end);
    // A clock that was set back a little: what it says was told already.
    if (step > end) return { changes: [], next: since, more: false };
    const changes: ChangeAnswer["changes"][number][] = [];
    for (; step < end; step++, told = 0) {
      for (const change of this.#changesAt(step, told)) {
        if (changes.length === limit) return { changes, next: this.#cursor({ step, told }), more: true };
        changes.push(change);
        told++;
      }
    }
    return { changes, next: this.#cursor({ step: end, told: 0 }), more: false };
  }

  *#changesAt(step: number, skip: number): Generator<ChangeAnswer["changes"][number]> {
    let left = skip;
    for (const { kind, movement } of this.movements) {
      for (const index of movement.movedAt(step)) {
        if (left-- <= 0) yield { kind, sku: this.catalogue.skuAt(index) };
      }
    }
  }

  #cursor({ step, told }: Position): string {
    return `${this.#mark}.${step}.${told}`;
  }

  #parse(cursor: string, end: number): Position {
    const [, mark, step, told] = /^([0-9a-z]{1,7})\.(-?[0-9]{1,15})\.([0-9]{1,9})$/.exec(cursor) ?? [];
    if (mark === undefined) {
      throw badRequest(`since is no cursor of ours; got ${shown(cursor)}. Leave it out to get the newest one`);
    }
    const position = { step: Number(step), told: Number(told) };
    if (mark !== this.#mark || Math.abs(position.step - end) > this.backlogSteps) {
      const detail = `changes after ${shown(cursor)} are not kept: read everything anew, from a cursor got without since`;
      throw new PortProblem(410, "Cursor lost", detail);
    }
    return position;
  }
}
