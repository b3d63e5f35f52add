import type { Clock } from "../../../src/clock.js";
import type { SimulatedStoreClient } from "../../../test/simulation/fleet/simulated-store-client.js";
import type { History } from "../../../test/simulation/history.js";
import type { Question } from "./questions.js";
import type { SimulatedErp } from "./simulated-erp.js";

/** What became of a question: the ERP's word of now, one kept from before and labelled so, or none. */
export type Answer = "live" | "last-known" | "none";

/** What one replica puts between its clients and the ERP. */
export interface Controller {
  /** Settles once, at the latest soon after the deadline. */
  ask(question: Question): Promise<Answer>;
  /** Begins to fill the cache, where there is one, with what was answered before the run. */
  remember?(questions: readonly Question[]): void;
  close(): void;
}

export interface ControllerParts {
  /** Which of the replicas this one is, from 0. */
  readonly replica: number;
  /** Where Pricelane writes down what it is asked, and what it asks; the others do not. */
  readonly history: History;
  readonly erp: SimulatedErp;
  readonly clock: Clock;
  /** The instant the run begins, in ms since the epoch: what the instants of questions count from. */
  readonly startsAt: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Makes one replica's client of the store that all of them share, not started yet. */
  readonly connect: () => SimulatedStoreClient;
}

export interface Contender {
  readonly name: string;
  readonly replicas: 1 | 6;
  /** How long before the first question it is started, as a proxy that asks for `/readyz` waits for it, in ms; left out, not at all. */
  readonly warmUpMs?: number;
  create(parts: ControllerParts): Controller;
}

/** Asks the ERP for one question. @returns whether the answer came by its deadline; settles at the deadline at the latest */
export function callErp({ erp, clock, startsAt }: ControllerParts, question: Question): Promise<boolean> {
  return new Promise((resolve) => {
    const work = erp.send(() => {
      cancel();
      resolve(true);
    });
    const cancel = clock.after(startsAt + question.deadline - clock.now(), () => {
      work.abandon();
      resolve(false);
    });
  });
}
