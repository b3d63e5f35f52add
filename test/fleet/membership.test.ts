import { describe, expect, test } from "vitest";
import { Membership, sureMs } from "../../src/fleet/membership.js";
import { Seal } from "../../src/fleet/seal.js";
import { type Store, type StoreReply, StoreUnavailable } from "../../src/fleet/store.js";
import { StoreLife } from "../../src/fleet/store-life.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { createLogger } from "./quiet-logger.js";
import { fleetSecret } from "./replica.js";

/** A replica's membership in a fleet whose store says what the test has it say. */
function setUp() {
  const clock = new VirtualClock();
  const says = { isUp: true, life: "a", seq: 0 };
  const store: Store = {
    get isUp() {
      return says.isUp;
    },
    async run(): Promise<StoreReply> {
      if (!says.isUp) throw new StoreUnavailable("away");
      return [Buffer.from(says.life), clock.now(), says.seq];
    },
    publish: async () => 0,
    subscribe() {},
    onChange() {},
  };
  const losses: string[] = [];
  const unsure: boolean[] = [];
  const membership = new Membership({
    ...{ store, seal: new Seal(fleetSecret, "erp"), life: new StoreLife(clock), clock, logger: createLogger(losses) },
    onUnsure: (isFirst) => unsure.push(isFirst),
    onBeat() {},
  });
  membership.start();
  return { clock, says, membership, losses, unsure };
}

describe("membership of a fleet", () => {
  test("an invalidation that is heard of by the second beat after it costs nothing, in whatever order they come", async () => {
    const { clock, says, membership, losses, unsure } = setUp();
    await clock.advance(1_000);
    expect(unsure).toEqual([true]);
    says.seq = 3;
    await clock.advance(1_000);
    for (const seq of [2, 3, 1]) membership.hear(seq);
    await clock.advance(10_000);
    expect(losses).toEqual([]);
  });

  test("one that is not heard of makes all doubtful, once", async () => {
    const { clock, says, membership, losses } = setUp();
    await clock.advance(1_000);
    says.seq = 2;
    membership.hear(2);
    await clock.advance(10_000);
    expect(losses).toEqual(["an invalidation was missed"]);
    says.seq = 3;
    membership.hear(3);
    await clock.advance(10_000);
    expect(losses).toHaveLength(1);
  });

  test("a store that is away for a little costs nothing; for long, all that was kept until then, once", async () => {
    const { clock, says, membership, losses } = setUp();
    await clock.advance(1_000);
    says.isUp = false;
    await clock.advance(sureMs - 2_000);
    says.isUp = true;
    await clock.advance(1_000);
    expect(losses).toEqual([]);
    says.isUp = false;
    await clock.advance(sureMs + 1_000);
    expect(losses).toEqual(["the shared store did not answer for 10 s"]);
    expect(membership.isSure).toBe(false);
    await clock.advance(3_600_000);
    expect(losses).toHaveLength(1);
    says.isUp = true;
    await clock.advance(1_000);
    expect(membership.isSure).toBe(true);
  });

  test("a new life of the store makes all doubtful, also what was kept between its first word and the beat by which it knows this replica", async () => {
    const { clock, says, losses, unsure } = setUp();
    await clock.advance(1_000);
    says.life = "b";
    says.seq = 40;
    await clock.advance(5_000);
    expect(losses).toEqual(["the shared store began anew"]);
    expect(unsure).toEqual([true, false, false]);
  });

  test("after a long quiet time it still beats, and stops once it has left", async () => {
    const { clock, says, membership, losses } = setUp();
    await clock.advance(24 * 3_600_000 + 500);
    says.seq = 1;
    await clock.advance(2_000);
    expect(losses).toEqual(["an invalidation was missed"]);
    await membership.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
