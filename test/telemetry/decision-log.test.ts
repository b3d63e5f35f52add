import { describe, expect, test } from "vitest";
import { DecisionLog } from "../../src/telemetry/decision-log.js";
import type { Logger } from "../../src/telemetry/logger.js";
import { VirtualClock } from "../support/virtual-clock.js";

function setUp() {
  const clock = new VirtualClock();
  const lines: [string, unknown][] = [];
  const note = (level: string) => (fields: { decisions: unknown }) => void lines.push([level, fields.decisions]);
  const logger = { debug: note("debug"), warn: note("warn") } as unknown as Logger;
  return { clock, lines, log: new DecisionLog(logger, clock) };
}

describe("what dispatch decided", () => {
  test("is one line for all keys of ten seconds, a warning where some went unanswered by the ERP", async () => {
    const { clock, lines, log } = setUp();
    for (let count = 0; count < 1_000; count++) log.note("price", "storefront", "shed");
    log.note("stock", "feed", "waited");
    expect(lines).toEqual([]);
    await clock.advance(10_000);
    expect(lines).toEqual([["warn", { "price storefront shed": 1_000, "stock feed waited": 1 }]]);
  });

  test("is for those alone who look for it where keys only waited, and nothing where nothing was decided", async () => {
    const { clock, lines, log } = setUp();
    log.note("price", "feed", "waited");
    await clock.advance(86_400_000);
    expect(lines).toEqual([["debug", { "price feed waited": 1 }]]);
    log.note("price", "checkout", "late");
    await clock.advance(10_000);
    expect(lines.at(-1)).toEqual(["warn", { "price checkout late": 1 }]);
  });
});
