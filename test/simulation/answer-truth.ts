import { type Asked, type CallRecord, type History, type QuestionRecord, readTold, type Told } from "./history.js";
import { ownerOf, type Terms, type Version } from "./simulated-world.js";
import { type Answered, type Bounds, endOf, isSame } from "./violations.js";

/** Where an answer may have come from; or what is wrong with it. */
export interface Origin {
  /** The calls that may have brought it, at least one. */
  readonly calls: readonly CallRecord[];
  /** As of when it is, in ms since the epoch. */
  readonly asOf: number;
}
export interface Untruth {
  readonly rule: "foreign" | "never true";
  readonly text: string;
}

type Question = Pick<QuestionRecord, "asked" | "endedAt" | "latestOf">;

/** Holds an answer against the world as it was while the ERP was asked. */
export function originOf(history: History, bounds: Bounds, question: Question, outcome: Answered): Origin | Untruth {
  const { asked } = question;
  return outcome.kind === "found"
    ? originOfFound(history, bounds, asked, readTold(outcome.answer), outcome.freshness.computedAt)
    : originOfUnknown(history, bounds, question, outcome);
}

function originOfFound(
  history: History,
  bounds: Bounds,
  asked: Asked,
  told: Told,
  computedAt: number,
): Origin | Untruth {
  const call = history.calls[told.call];
  if (told.askedOwner !== asked.owner) return { rule: "foreign", text: `was told what ${told.askedOwner} asked` };
  if (told.name !== asked.name) return { rule: "foreign", text: `was told of ${told.name}` };
  if (call === undefined || !call.asked.some((each) => isSame(each, asked))) {
    return { rule: "foreign", text: `was told what call ${told.call} brought, which did not ask it` };
  }
  if (!ownersDuring(history, asked, call).includes(told.owner)) {
    return { rule: "foreign", text: `was told the price of ${told.owner}` };
  }
  if (!isToldOf(bounds, computedAt, call)) {
    return {
      rule: "never true",
      text: `is said to be of ${computedAt}, and call ${call.number} was sent at ${call.sentAt}`,
    };
  }
  const isTrue = versionsDuring(history, told.owner, asked, call).some(
    ({ number, value }) => number === told.version && value,
  );
  return isTrue
    ? { calls: [call], asOf: call.sentAt }
    : { rule: "never true", text: `version ${told.version} was not there during call ${call.number}` };
}

/** Whether an answer that is said to be as of an instant may be this call's. */
function isToldOf({ mayBeSaidOlder, clockShare }: Bounds, computedAt: number, { sentAt }: CallRecord): boolean {
  if (!mayBeSaidOlder) return computedAt === sentAt;
  // What clocks give way by grows with the age, which is at most a few minutes here.
  return computedAt <= sentAt + clockShare * longestAgeMs;
}

const longestAgeMs = 300_000;

function originOfUnknown(
  history: History,
  bounds: Bounds,
  question: Question,
  outcome: Answered & { readonly kind: "unknown" },
): Origin | Untruth {
  const { asked } = question;
  const { what, freshness } = outcome;
  if (what === "customer" && asked.owner.startsWith("scope:") && freshness.source !== "ERP") {
    return { rule: "foreign", text: "was told what the ERP said of one customer, and was kept for all of its scope" };
  }
  const calls = callsOf(history, bounds, question, freshness.computedAt).filter(
    ({ kind, asked: all }) => kind === asked.kind && all.some((each) => isSame(each, asked)),
  );
  if (calls.length === 0) return { rule: "foreign", text: `no call of ${freshness.computedAt} asked it` };
  const could = calls.filter((call) => wasUnknown(history, asked, call, what));
  return could.length > 0
    ? { calls: could, asOf: question.latestOf ?? freshness.computedAt }
    : { rule: "never true", text: `no ${what} was unknown during the call` };
}

function callsOf(history: History, bounds: Bounds, { endedAt }: Question, computedAt: number): readonly CallRecord[] {
  if (!bounds.mayBeSaidOlder) return history.callsAt(computedAt);
  return history.calls.filter((call) => isToldOf(bounds, computedAt, call) && call.sentAt <= (endedAt ?? Infinity));
}

function wasUnknown(history: History, asked: Asked, call: CallRecord, what: "sku" | "customer"): boolean {
  if (what === "sku") {
    return ownersDuring(history, asked, call).some((owner) =>
      versionsDuring(history, owner, asked, call).some(({ value }) => !value),
    );
  }
  const customer = call.inNameOf[call.asked.findIndex((each) => isSame(each, asked))];
  if (customer == null) return false;
  return termsDuring(history, customer, call).some(
    (terms) => terms === null || (asked.owner.startsWith("scope:") && ownerOf(customer, terms) !== asked.owner),
  );
}

/** Whose price the ERP could tell: a customer who asks in its own name is told its scope's. */
function ownersDuring(history: History, { owner }: Asked, call: CallRecord): string[] {
  const [kind, customer = ""] = owner.split(":");
  if (kind !== "customer") return [owner];
  return termsDuring(history, customer, call).flatMap((terms) => (terms === null ? [] : ownerOf(customer, terms)));
}

function versionsDuring(
  { world }: History,
  owner: string,
  { kind, name }: Asked,
  call: CallRecord,
): Version<unknown>[] {
  const timeline =
    kind === "price" ? world.price(owner, name) : kind === "stock" ? world.stock(name) : world.customer(name);
  return timeline.during(call.sentAt, endOf(call));
}

function termsDuring({ world }: History, customer: string, call: CallRecord): Terms[] {
  return world
    .customer(customer)
    .during(call.sentAt, endOf(call))
    .map(({ value }) => value);
}
