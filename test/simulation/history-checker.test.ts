import { describe, expect, test } from "vitest";
import { CustomerUnknown } from "../../src/errors.js";
import { everything } from "../../src/pricing/invalidation.js";
import { failed, fromErp } from "../../src/pricing/source.js";
import {
  bounds,
  call,
  emptyHistory,
  end,
  ownKey,
  priceFrom,
  publicKey,
  question,
  scopeKey,
  view,
} from "./hand-made.js";
import type { History } from "./history.js";
import { checkHistory } from "./history-checker.js";

const rulesIn = (history: History) => checkHistory(history, bounds).map(({ rule }) => rule);

/** One price asked, sent at 0 and answered at 100. */
function askedOnce() {
  const history = emptyHistory();
  const asked = question(history, 0);
  const sent = call(history, [publicKey("S0")], 0);
  end(history, sent, 100);
  return { history, asked, sent };
}

describe("the checker of histories", () => {
  test("finds nothing in an answer that keeps every promise", () => {
    const { history, asked, sent } = askedOnce();
    Object.assign(asked, { outcome: priceFrom(sent), endedAt: 100 });
    question(history, 900, { outcome: priceFrom(sent, {}, { source: "CACHE" }), endedAt: 900 });
    question(history, 4_900, { outcome: priceFrom(sent, {}, { source: "LAST_KNOWN" }), endedAt: 4_900 });
    expect(checkHistory(history, bounds)).toEqual([]);
  });

  test.each([
    ["another SKU's price", { name: "S1" }],
    ["another's price", { owner: "scope:gold" }],
    ["what a call brought that never asked it", { call: 7 }],
  ])("finds %s", (_what, told) => {
    const { history, asked, sent } = askedOnce();
    Object.assign(asked, { outcome: priceFrom(sent, told), endedAt: 100 });
    expect(rulesIn(history)).toEqual(["foreign"]);
  });

  test("finds a price of a scope that the customer who sees it was never in", () => {
    const history = emptyHistory();
    history.world.customer("C1").change(-20_000, { priceScope: "gold" });
    for (const [customer, owner] of [
      ["C1", "scope:gold"],
      ["C1", "scope:silver"],
      ["C1", "public"],
    ] as const) {
      const seen = view(history, 0, { customer });
      const sent = call(history, [ownKey(customer, "S0")], 0);
      end(history, sent, 100);
      Object.assign(seen, { outcome: priceFrom(sent, { owner }), endedAt: 100 });
    }
    expect(rulesIn(history)).toEqual(["foreign", "foreign"]);
  });

  test("finds the ERP's word on one customer kept for all of its price scope", () => {
    const history = emptyHistory();
    history.world.customer("C1").change(-500, null);
    const asked = { kind: "price", owner: "scope:gold", name: "S0" } as const;
    const first = question(history, 0, { asked });
    const sent = call(history, [scopeKey("gold", "C1", "S0")], 0);
    end(history, sent, 100);
    const unknown = { kind: "unknown", what: "customer", freshness: fromErp(sent) } as const;
    Object.assign(first, { outcome: unknown, endedAt: 100 });
    expect(rulesIn(history)).toEqual([]);
    const kept = { ...unknown, freshness: { ...unknown.freshness, source: "CACHE" } } as const;
    question(history, 200, { asked, outcome: kept, endedAt: 200 });
    expect(rulesIn(history)).toEqual(["foreign"]);
  });

  test("finds what the ERP said at no instant of the call", () => {
    const { history, asked, sent } = askedOnce();
    history.world.price("public", "S0").change(-500, true);
    history.world.price("public", "S0").change(101, true);
    Object.assign(asked, { outcome: priceFrom(sent, { version: 1 }), endedAt: 100 });
    question(history, 50, { outcome: priceFrom(sent, { version: 0 }), endedAt: 100 });
    question(history, 50, { outcome: priceFrom(sent, { version: 2 }), endedAt: 100 });
    question(history, 50, { outcome: priceFrom(sent, { version: 1 }, { computedAt: 40 }), endedAt: 100 });
    expect(rulesIn(history)).toEqual(["never true", "never true", "never true"]);
  });

  test("finds an SKU, and a customer, said to be unknown that were known all the time", () => {
    const { history, asked } = askedOnce();
    Object.assign(asked, {
      outcome: { kind: "unknown", what: "sku", freshness: fromErp({ sentAt: 0 }) },
      endedAt: 100,
    });
    view(history, 0, { customer: "C1", outcome: failed(new CustomerUnknown("C1")), endedAt: 100 });
    expect(rulesIn(history)).toEqual(["never true", "never true"]);
  });

  test.each([
    ["fresh beyond its window", 1_000, { source: "CACHE" }, {}],
    ["last known beyond the hard bound", 5_000, { source: "LAST_KNOWN" }, {}],
    ["older than its asker allows", 501, { source: "CACHE" }, { maxAgeMs: 500 }],
    ["last known, to a checkout", 1_500, { source: "LAST_KNOWN" }, { lane: "checkout" }],
    ["sent before a live question", 50, {}, { maxAgeMs: 0 }],
    ["kept, and shown as read now", 101, {}, {}],
  ] as const)("finds an answer that is %s", (_what, at, freshness, ask) => {
    const { history, asked, sent } = askedOnce();
    Object.assign(asked, { outcome: priceFrom(sent), endedAt: 100 });
    const outcome = priceFrom(sent, {}, freshness);
    question(history, at, { ...ask, maxAgeMs: "maxAgeMs" in ask ? ask.maxAgeMs : null, outcome, endedAt: at });
    expect(rulesIn(history)).toEqual(["too old"]);
  });

  test("finds an answer to a checkout's view that was on its way before it", () => {
    const { history, asked, sent } = askedOnce();
    Object.assign(asked, { outcome: priceFrom(sent), endedAt: 100 });
    view(history, 50, { lane: "checkout", outcome: priceFrom(sent), endedAt: 100 });
    expect(rulesIn(history)).toEqual(["too old"]);
  });

  test.each([
    ["everything", {}, 1],
    ["its SKU", { skus: new Set(["S0"]) }, 1],
    ["its kind", { kinds: new Set(["price"] as const) }, 1],
    ["another SKU", { skus: new Set(["S1"]) }, 0],
    ["another kind", { kinds: new Set(["stock"] as const) }, 0],
    ["a customer", { customers: new Set(["C1"]) }, 0],
  ])("knows what comes from before an invalidation of %s", (_what, names, found) => {
    const { history, asked, sent } = askedOnce();
    Object.assign(asked, { outcome: priceFrom(sent), endedAt: 100 });
    const invalidation = { ...everything, ...names };
    history.invalidations.push({
      ...{ replica: 0, place: history.nextPlace(), at: 200, invalidation, acknowledged: null },
    });
    question(history, 200, { outcome: priceFrom(sent, {}, { source: "CACHE" }), endedAt: 200 });
    expect(rulesIn(history)).toEqual(Array(found).fill("before an invalidation"));
  });

  test("counts calls at once, those given up as long as they may keep the ERP busy", () => {
    const history = emptyHistory();
    const first = call(history, [publicKey("S0")], 0);
    call(history, [publicKey("S1")], 0);
    end(history, first, 1_000, true);
    call(history, [publicKey("S2")], 1_299);
    expect(rulesIn(history)).toEqual(["over the limit"]);
    const later = emptyHistory();
    const given = call(later, [publicKey("S0")], 0);
    call(later, [publicKey("S1")], 0);
    end(later, given, 1_000, true);
    call(later, [publicKey("S2")], 1_300);
    expect(rulesIn(later)).toEqual([]);
  });

  test.each([
    ["counts a call until it ends, however long that takes", [], true],
    ["counts one of a process that is stopped until the longest call has ended", [{ from: 500, until: 9_000 }], false],
    ["counts one of a process that went on before that", [{ from: 500, until: 2_000 }], true],
    ["counts one of a process that was stopped later", [{ from: 2_001, until: 9_000 }], true],
  ])("%s", (_what, pauses, isCounted) => {
    const found = [1_999, 2_500].map((at) => {
      const history = emptyHistory();
      history.replicas.set(0, { name: "", knownSince: null, diedAt: null, pauses, unwell: [] });
      call(history, [publicKey("S1")], 0);
      history.asker = 1;
      call(history, [publicKey("S2")], 1_000);
      call(history, [publicKey("S3")], at);
      return rulesIn(history);
    });
    expect(found).toEqual([["over the limit"], isCounted ? ["over the limit"] : []]);
  });

  test("finds a key that is asked while it is being asked", () => {
    const history = emptyHistory();
    end(history, call(history, [publicKey("S0")], 0), 100);
    call(history, [publicKey("S0"), publicKey("S1")], 100);
    expect(rulesIn(history)).toEqual([]);
    call(history, [publicKey("S1")], 100);
    expect(rulesIn(history)).toEqual(["asked twice"]);
  });

  test("finds questions that are answered late, or never", () => {
    const history = emptyHistory();
    question(history, 0);
    question(history, 0, { outcome: failed(new Error("late")), endedAt: 2_006 });
    question(history, 0, { outcome: failed(new Error("in time")), endedAt: 2_005 });
    view(history, 0);
    expect(rulesIn(history)).toEqual(["past its deadline", "past its deadline", "past its deadline"]);
  });
});
