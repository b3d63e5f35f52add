import type { Invalidation } from "../../src/pricing/invalidation.js";
import type { Key, Lane, Outcome } from "../../src/pricing/source.js";
import type { SimulatedWorld } from "./simulated-world.js";

export type Kind = "price" | "stock" | "customer";

/** What is asked, in words of its own: no id that the product makes. */
export interface Asked {
  readonly kind: Kind;
  /** "public", "scope:gold", "customer:C1"; "" for stock and records. */
  readonly owner: string;
  /** The SKU, or the customer's code for a record. */
  readonly name: string;
}

/** One call as the ERP saw it. Instants in ms since the epoch; places count all that happens, in its order. */
export interface CallRecord {
  readonly number: number;
  readonly replica: number;
  readonly place: number;
  readonly kind: Kind;
  readonly ids: readonly string[];
  readonly asked: readonly Asked[];
  /** In whose name each key was asked; null for nobody's. */
  readonly inNameOf: readonly (string | null)[];
  readonly sentAt: number;
  readAt: number | null;
  endedAt: number | null;
  endPlace: number | null;
  /** When the gateway heard of its end: later where that was stopped; null where it did not. */
  heardPlace: number | null;
  wasGivenUp: boolean;
  /** Set once the process that sent it is dead: nobody waits for it any more. */
  isOrphaned: boolean;
  end: string;
}

/** One key of one question that a layer was asked. */
export interface QuestionRecord {
  readonly replica: number;
  readonly place: number;
  readonly at: number;
  readonly asked: Asked;
  readonly lane: Lane;
  readonly deadline: number;
  readonly maxAgeMs: number | null;
  readonly isAlone: boolean;
  outcome: Outcome<unknown> | null;
  endedAt: number | null;
  /** The latest instant that its answer can be of, by what is said of it; null where that is `computedAt`, or there is none. */
  latestOf: number | null;
}

/** What one caller was told of a price, or of a stock. */
export interface ViewRecord {
  readonly replica: number;
  readonly place: number;
  readonly at: number;
  /** Whose price was asked for; null for the public one, and for a stock. */
  readonly customer: string | null;
  readonly lane: Lane;
  readonly deadline: number;
  readonly maxAgeMs: number | null;
  readonly kind: "price" | "stock";
  readonly sku: string;
  readonly leavesEarly: boolean;
  outcome: Outcome<unknown> | null;
  endedAt: number | null;
}

export interface InvalidationRecord {
  /** Which replica was told of it. */
  readonly replica: number;
  readonly place: number;
  readonly at: number;
  readonly invalidation: Invalidation;
  /** When it was said who of the others did not confirm, by their names; null where that was not said. */
  acknowledged: { readonly place: number; readonly missing: readonly string[] } | null;
}

/** One process of a fleet. Instants in ms since the epoch, by the true time. */
export interface ReplicaRecord {
  /** As the others name it. */
  readonly name: string;
  /** Since when the others know of it; null where they do not. */
  readonly knownSince: number | null;
  diedAt: number | null;
  /** While it was stopped. */
  readonly pauses: { readonly from: number; until: number }[];
  /** While the store, its way to it or its own clock was not as it should be. */
  readonly unwell: { readonly from: number; until: number }[];
}

/** From where something is observed: one process, whose clock may be ahead of the true time. */
export interface Observer {
  readonly replica: number;
  /** @param instant by the clock of that process, as it is set now: one that lies back was as late, or later where that was set forward since */
  toTrue(instant: number): number;
  /** The latest that it can have been. @param instant likewise */
  latestTrue(instant: number): number;
}

export const theOnly: Observer = { replica: 0, toTrue: (instant) => instant, latestTrue: (instant) => instant };

/** All that happened in one run, in the order it did. */
export class History {
  readonly calls: CallRecord[] = [];
  readonly questions: QuestionRecord[] = [];
  readonly views: ViewRecord[] = [];
  readonly invalidations: InvalidationRecord[] = [];
  /** Of a fleet, by number. */
  readonly replicas = new Map<number, ReplicaRecord>();
  /** Which replica sends the next call. */
  asker = 0;
  readonly world: SimulatedWorld;
  /** The calls of one instant. */
  readonly #callsAt = new Map<number, CallRecord[]>();
  /** Promises of answers that came: of calls, of questions to a layer, of views. */
  settled = 0;
  #place = 0;

  constructor(world: SimulatedWorld) {
    this.world = world;
  }

  nextPlace(): number {
    return this.#place++;
  }

  callSent(kind: Kind, keys: readonly Key[], sentAt: number): CallRecord {
    const record: CallRecord = {
      number: this.calls.length,
      replica: this.asker,
      place: this.nextPlace(),
      kind,
      ids: keys.map(({ id }) => id),
      asked: keys.map((key) => askedOf(kind, key)),
      inNameOf: keys.map(customerNamedIn),
      sentAt,
      readAt: null,
      endedAt: null,
      endPlace: null,
      heardPlace: null,
      wasGivenUp: false,
      isOrphaned: false,
      end: "under way",
    };
    this.calls.push(record);
    this.#callsAt.set(sentAt, [...this.callsAt(sentAt), record]);
    return record;
  }

  callsAt(sentAt: number): readonly CallRecord[] {
    return this.#callsAt.get(sentAt) ?? [];
  }
}

interface KeyParts {
  readonly sku?: string;
  readonly customer?: string;
  readonly scope?: { readonly kind: string; readonly customer?: string; readonly priceScope?: string };
}

export function askedOf(kind: Kind, key: Key): Asked {
  const { sku, customer, scope } = key as Key & KeyParts;
  return { kind, owner: scope === undefined ? "" : ownerWord(scope), name: sku ?? customer ?? "" };
}

function customerNamedIn(key: Key): string | null {
  const { customer, scope } = key as Key & KeyParts;
  return customer ?? scope?.customer ?? null;
}

function ownerWord({ kind, customer, priceScope }: NonNullable<KeyParts["scope"]>): string {
  if (kind === "public") return "public";
  return kind === "customer" ? `customer:${customer}` : `scope:${priceScope}`;
}

/** What an answer of the simulated ERP tells of itself. */
export interface Told {
  readonly owner: string;
  readonly name: string;
  readonly version: number;
  readonly call: number;
  /** The owner that was asked for, which a customer's own name need not be. */
  readonly askedOwner: string;
}

export function writeTold({ owner, name, version, call, askedOwner }: Told): string {
  return `${owner}|${name}|${version}|${call}|${askedOwner}`;
}

/** @param answer a ladder, a stock or a customer's record */
export function readTold(answer: unknown): Told {
  const { priceList, warehouses, name } = answer as {
    readonly priceList?: string;
    readonly warehouses?: readonly { readonly code: string }[];
    readonly name?: string;
  };
  const [owner = "", told = "", version, call, askedOwner = ""] = (
    priceList ??
    warehouses?.[0]?.code ??
    name ??
    ""
  ).split("|");
  return { owner, name: told, version: Number(version), call: Number(call), askedOwner };
}
