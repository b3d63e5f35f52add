import { type History, readTold, type Told, type ViewRecord } from "./history.js";
import { lateness } from "./question-rules.js";
import { ownerOf, type Terms } from "./simulated-world.js";
import { type Bounds, endOf, invalidatedBefore, type Violation } from "./violations.js";

type Found = Pick<Violation, "rule" | "text">;

/** What is wrong with what one caller was told at last: above all, whether it was this caller's own. */
export function checkView(history: History, bounds: Bounds, view: ViewRecord): Violation[] {
  const { place, kind, sku, customer, outcome } = view;
  const owner = kind === "stock" ? "" : customer === null ? "public" : `customer:${customer}`;
  const found = lateness(history, bounds, view);
  if (outcome?.kind === "found") found.push(...checkFound(history, bounds, view, outcome.answer));
  if (outcome?.kind === "failed" && "code" in outcome.error && outcome.error.code === "CUSTOMER_UNKNOWN") {
    found.push(...checkRefusal(history, bounds, view));
  }
  return found.map((each) => ({ ...each, place, asked: { kind, owner, name: sku } }));
}

function checkFound(history: History, bounds: Bounds, view: ViewRecord, answer: unknown): Found[] {
  const { kind, sku, customer, lane, place } = view;
  const told = readTold(answer);
  const call = history.calls[told.call];
  if (call === undefined || told.name !== sku) return [{ rule: "foreign", text: `was told of ${told.name}` }];
  if (lane === "checkout" && call.place < place) {
    return [{ rule: "too old", text: `is a checkout, and was told what call ${call.number} brought, sent before it` }];
  }
  const isOwn =
    kind === "price" && customer !== null
      ? isPriceOf(history, bounds, view, customer, told)
      : told.owner === (kind === "price" ? "public" : "");
  return isOwn ? [] : [{ rule: "foreign", text: `${customer ?? "anybody"} was told the price of "${told.owner}"` }];
}

/** By the terms that the customer had while it was asked in its own name, or that its record may still have told. */
function isPriceOf(
  history: History,
  bounds: Bounds,
  view: ViewRecord,
  customer: string,
  { owner, call: number, askedOwner }: Told,
): boolean {
  const call = history.calls[number];
  const record = history.world.customer(customer);
  const tells = ({ value }: { readonly value: Terms }) => value !== null && ownerOf(customer, value) === owner;
  if (call === undefined) return false;
  if (askedOwner === `customer:${customer}`) return record.during(call.sentAt, endOf(call)).some(tells);
  // An order is priced in the customer's own name, whatever its record said before.
  if (view.lane === "checkout") return false;
  const changed = invalidatedBefore(history, view, { kind: "customer", owner: "", name: customer }).at(-1);
  const usableMs = bounds.staleMs.customer * (1 + 2 * bounds.clockShare);
  const from = Math.max(view.at - usableMs, changed?.at ?? 0);
  return record.during(from, view.endedAt ?? view.at).some(tells);
}

function checkRefusal({ world }: History, { unknownMs }: Bounds, view: ViewRecord): Found[] {
  const { at, endedAt, customer } = view;
  if (customer === null) return [{ rule: "never true", text: "was told that a customer is unknown, and named none" }];
  const wasGone = world
    .customer(customer)
    .during(at - unknownMs, endedAt ?? at)
    .some(({ value }) => value === null);
  return wasGone
    ? []
    : [{ rule: "never true", text: `${customer} was told to be unknown, and was known all the time` }];
}
