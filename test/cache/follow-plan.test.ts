import { describe, expect, test } from "vitest";
import { FollowPlan } from "../../src/cache/follow-plan.js";
import type { ChangeTurn } from "../../src/pricing/change-share.js";

const alone: ChangeTurn = { kind: "alone" };
const leads = (cursor: string | null): ChangeTurn => ({ kind: "leads", cursor });
const follows = (cursor: string | null): ChangeTurn => ({ kind: "follows", cursor });

describe("what is asked of the ERP's changes", () => {
  test("for all, from where all have got to, though it got further alone itself", () => {
    const plan = new FollowPlan(null, () => {});
    plan.next(leads("6"));
    plan.done({ since: "6", kind: "lead" }, "7", false);
    plan.done({ since: "7", kind: "alone" }, "9", false);
    expect(plan.next(leads("7"))).toEqual({ since: "7", kind: "lead" });
    expect(plan.next(alone)).toEqual({ since: "9", kind: "alone" });
  });

  test("where nobody knows how far all have got, from its own", () => {
    const plan = new FollowPlan(null, () => {});
    plan.next(follows("6"));
    expect(plan.next(leads(null))).toEqual({ since: "6", kind: "lead" });
  });

  test("nothing, where another one asks; how far that got counts for it", () => {
    const followed: string[] = [];
    const plan = new FollowPlan(null, (cursor) => followed.push(cursor));
    for (const cursor of [null, "6", "6", null, "7"]) expect(plan.next(follows(cursor))).toBeNull();
    expect(followed).toEqual(["6", "7"]);
  });

  test("from a journal's cursor for itself alone, page by page, whether it leads or follows; then no more", () => {
    const plan = new FollowPlan("3", () => {});
    expect(plan.next(leads("7"))).toEqual({ since: "3", kind: "catch-up" });
    plan.done({ since: "3", kind: "catch-up" }, "5", true);
    expect(plan.next(follows("7"))).toEqual({ since: "5", kind: "catch-up" });
    plan.done({ since: "5", kind: "catch-up" }, "8", false);
    expect(plan.next(follows("7"))).toBeNull();
    expect(plan.next(leads("7"))).toEqual({ since: "7", kind: "lead" });
  });

  test.each(["catch-up", "alone"] as const)(
    "its own cursor that the ERP lost, %s, is given up for the newest, and that of all takes its place only then",
    (kind) => {
      const plan = new FollowPlan("3", () => {});
      plan.lose({ since: "3", kind });
      expect(plan.next(follows("7"))).toEqual({ since: null, kind: "catch-up" });
      plan.done({ since: null, kind: "catch-up" }, "8", false);
      expect(plan.next(follows("7"))).toBeNull();
      expect(plan.next(leads("7"))).toEqual({ since: "7", kind: "lead" });
    },
  );

  test("one of all that the ERP lost is not asked for again, by whoever leads next neither", () => {
    const plan = new FollowPlan(null, () => {});
    plan.next(follows("7"));
    plan.lose({ since: "7", kind: "lead" });
    expect(plan.next(leads("7"))).toEqual({ since: null, kind: "lead" });
    plan.done({ since: null, kind: "lead" }, "20", false);
    expect(plan.next(leads("20"))).toEqual({ since: "20", kind: "lead" });
  });
});
