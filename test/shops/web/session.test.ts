import { beforeEach, describe, expect, test } from "vitest";
import { type Caller, Session } from "../../../shops/web/src/session.js";
import { settle, VirtualClock } from "../../support/virtual-clock.js";

/** A shop's endpoint whose answers are let go by hand. */
class Endpoint {
  readonly asked: { answer(body: unknown, status?: number): void; fail(): void }[] = [];
  readonly fetch = (_url: string, { signal }: RequestInit): Promise<Response> =>
    new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
      this.asked.push({
        answer: (body, status = 200) => resolve(new Response(JSON.stringify(body), { status })),
        fail: () => reject(new TypeError("failed to fetch")),
      });
    });
}

describe("who looks at a page", () => {
  let clock: VirtualClock;
  let shop: Endpoint;
  let session: Session;
  let others: number;
  const named = (sub: string) => ({ token: `token of ${sub}`, sub, expiresAt: clock.now() / 1000 + 300 });
  const subOf = ({ sub }: Caller) => sub;
  beforeEach(() => {
    clock = new VirtualClock();
    shop = new Endpoint();
    others = 0;
    session = new Session({
      endpoint: "/session",
      fetch: shop.fetch,
      now: () => clock.now(),
      after: (ms, run) => clock.after(ms, run),
      onOtherCaller: () => {
        others += 1;
      },
    });
  });
  async function known(sub: string): Promise<void> {
    const reading = session.read();
    await settle();
    shop.asked.at(-1)?.answer(named(sub));
    await reading;
  }

  test("those who read at one time share one question", async () => {
    const readings = [session.read(), session.read()];
    await settle();
    expect(shop.asked).toHaveLength(1);
    shop.asked[0]?.answer(named("C1"));
    expect((await Promise.all(readings)).map(subOf)).toEqual(["C1", "C1"]);
  });

  test("a renewal after a login joins no read from before it, and its answer is the one that all get, in whichever order both come", async () => {
    for (const order of [
      [0, 1],
      [1, 0],
    ]) {
      session.forget();
      shop.asked.length = 0;
      const before = session.read();
      await settle();
      const after = session.renew();
      await settle();
      expect(shop.asked).toHaveLength(2);
      for (const at of order) {
        shop.asked[at]?.answer(at === 0 ? { token: null } : named("C1"));
        await settle();
      }
      expect([await before, await after].map(subOf)).toEqual(["C1", "C1"]);
      expect(subOf(await session.read())).toBe("C1");
    }
  });

  test("a read under way at the logout ends as the guest's, whatever the shop answers it", async () => {
    const reading = session.read();
    await settle();
    session.logout();
    shop.asked[0]?.answer(named("C1"));
    expect(await reading).toMatchObject({ sub: null, token: null });
    await clock.advance(24 * 3_600_000);
    expect(await session.read()).toMatchObject({ sub: null, token: null });
  });

  test("another customer is told of before anybody reads him; the same one with a new token is not", async () => {
    await known("C1");
    for (const [sub, told] of [
      ["C1", 0],
      ["C2", 1],
      [null, 2],
    ] as const) {
      const renewed = session.renew().then(() => others);
      await settle();
      shop.asked.at(-1)?.answer(sub === null ? { token: null } : named(sub));
      expect(await renewed).toBe(told);
    }
  });

  test("a shop that does not answer for 4 s has not answered, and who is known stays so while the token holds", async () => {
    await known("C1");
    const renewed = session.renew().catch((error: unknown) => error);
    await settle();
    await clock.advance(4_000);
    expect(await renewed).toBeInstanceOf(Error);
    expect(subOf(await session.read())).toBe("C1");
    expect([session.isKnown(0), shop.asked.length]).toEqual([true, 2]);
    await clock.advance(296_000);
    expect(session.isKnown(0)).toBe(false);
  });

  test("what is no session is no guest either", async () => {
    for (const body of [{ token: "t" }, { token: "t", sub: "", expiresAt: 1 }, { token: 5, sub: "C1", expiresAt: 1 }]) {
      const reading = session.read().catch((error: unknown) => error);
      await settle();
      shop.asked.at(-1)?.answer(body);
      expect(await reading).toBeInstanceOf(Error);
    }
    const reading = session.read().catch((error: unknown) => error);
    await settle();
    shop.asked.at(-1)?.answer({}, 503);
    expect(await reading).toBeInstanceOf(Error);
  });

  test("leaves no timer behind", async () => {
    await known("C1");
    expect(clock.pendingTimers).toBe(0);
  });
});
