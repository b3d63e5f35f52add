import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHalving } from "../../src/dispatch/halving.js";
import { ErpBadAnswer, ErpUnavailable } from "../../src/errors.js";
import { settle } from "../support/virtual-clock.js";
import { setUpDispatcher } from "./dispatcher-setup.js";

/** Reads members 0 to size − 1, where a call fails when it holds a spoilt one. */
async function readSpoilt(size: number, spoilt: ReadonlySet<number>, mayBeOne = () => true, mayGoOn = () => true) {
  const calls: number[][] = [];
  const answered = new Set<number>();
  const lost = new Set<number>();
  let failedInARow = 0;
  let mostFailedInARow = 0;
  const members = Array.from({ length: size }, (_, member) => member);
  const error = await readHalving(members, {
    async attempt(part) {
      calls.push([...part]);
      const isSpoilt = part.some((member) => spoilt.has(member));
      failedInARow = isSpoilt ? failedInARow + 1 : 0;
      mostFailedInARow = Math.max(mostFailedInARow, failedInARow);
      if (isSpoilt) return new Error("spoilt");
      for (const member of part) answered.add(member);
      return null;
    },
    mayBeOne,
    mayGoOn,
    giveUp: (part) => {
      for (const member of part) lost.add(member);
    },
  });
  return { calls, answered, lost, mostFailedInARow, error };
}

describe("halving a batch", () => {
  test("a batch without a spoilt member is read once", async () => {
    const { calls, answered, error } = await readSpoilt(24, new Set());
    expect([calls.length, answered.size, error]).toEqual([1, 24, null]);
  });

  test("one spoilt member is lost alone, wherever it stands, within 2 × log2(n) + 2 calls more", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 500 }), fc.nat(), async (size, seed) => {
        const spoilt = seed % size;
        const { calls, answered, lost, mostFailedInARow, error } = await readSpoilt(size, new Set([spoilt]));
        expect([...lost]).toEqual([spoilt]);
        expect(answered.size).toBe(size - 1);
        expect(calls.length).toBeLessThanOrEqual(1 + 2 * Math.log2(size) + 2);
        expect(mostFailedInARow).toBeLessThanOrEqual(2);
        expect(error).toBeNull();
      }),
    );
  });

  test("every member is answered or lost, never both, and no spoilt one is answered, within the same bound", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 200 }), fc.uniqueArray(fc.nat(199)), async (size, marks) => {
        const spoilt = new Set(marks.filter((mark) => mark < size));
        const { calls, answered, lost } = await readSpoilt(size, spoilt);
        expect(answered.size + lost.size).toBe(size);
        expect([...answered].filter((member) => spoilt.has(member) || lost.has(member))).toEqual([]);
        expect(calls.length).toBeLessThanOrEqual(1 + Math.max(0, 2 * Math.log2(size) + 2));
      }),
    );
  });

  test("what no member is to blame for is lost whole, and why is told", async () => {
    const { calls, lost, error } = await readSpoilt(8, new Set([3]), () => false);
    expect([calls.length, lost.size, error?.message]).toEqual([1, 8, "spoilt"]);
  });

  test("where it is not worth another call, none is made, and what was not read is lost with the reason", async () => {
    const { calls, lost, error } = await readSpoilt(8, new Set([3]), undefined, () => false);
    expect([calls.length, lost.size, error?.message]).toEqual([1, 8, "spoilt"]);
  });
});

describe("a dispatcher whose batch fails as a whole", () => {
  const spoils = (error: Error) => (keys: readonly { id: string }[]) =>
    keys.some(({ id }) => id === "bad") ? error : null;
  const rowAtFault = new ErpBadAnswer("HTTP 400", undefined, { mayBeOneKey: true });

  async function readPage(error: Error) {
    const parts = setUpDispatcher();
    const page = parts.read(["a", "b", "bad", "c"]);
    await answerAll(parts.erp, spoils(error));
    return { ...parts, page };
  }

  test("answers the neighbours of the key at fault, and keeps the one slot until all of it is read", async () => {
    const { page, slots, finished } = await readPage(rowAtFault);
    expect(page.words?.filter((word) => word !== "ErpBadAnswer")).toHaveLength(3);
    expect(page.words?.[2]).toBe("ErpBadAnswer");
    expect(finished.map(({ keys }) => keys)).toEqual([4, 2, 2, 1, 1]);
    expect(slots.inFlight).toBe(0);
  });

  test("does not look for a key at fault where the error is nobody's", async () => {
    const { page, finished } = await readPage(new ErpUnavailable("HTTP 502"));
    expect(finished).toHaveLength(1);
    expect(new Set(page.words)).toEqual(new Set(["ErpUnavailable"]));
  });

  test("is no failure to the breaker while parts of it are answered, however often it is asked", async () => {
    const { erp, breaker, read } = setUpDispatcher();
    for (let view = 0; view < 12; view++) {
      read(["a", "bad"]);
      await answerAll(erp, spoils(new ErpUnavailable("HTTP 500", { mayBeOneKey: true })));
    }
    expect(breaker.state).toBe("closed");
    breaker.shutdown();
  });

  test("of an ERP that fails altogether costs two calls more, then none, and opens the breaker after five batches", async () => {
    const { erp, breaker, read, finished } = setUpDispatcher();
    const broken = () => new ErpUnavailable("HTTP 500", { mayBeOneKey: true });
    for (let view = 0; view < 5; view++) {
      expect(breaker.state).toBe("closed");
      read(["a", "b", "c", "d"]);
      await answerAll(erp, broken);
    }
    expect(breaker.state).toBe("open");
    expect(finished).toHaveLength(3 + 4);
    breaker.shutdown();
  });

  test("is not halved for nobody: once the last caller has left, the rest is lost", async () => {
    const { clock, erp, read, finished } = setUpDispatcher();
    read(["a", "bad"], { deadline: clock.now() + 10 });
    await clock.advance(20);
    await answerAll(erp, spoils(rowAtFault));
    expect(finished).toHaveLength(1);
  });
});

/** Ends all calls, those included that come of it: with the error that `failing` names, or answered. */
async function answerAll(
  erp: ReturnType<typeof setUpDispatcher>["erp"],
  failing: (keys: readonly { id: string }[]) => Error | null,
): Promise<void> {
  await settle();
  for (let call = erp.inFlight[0]; call !== undefined; call = erp.inFlight[0]) {
    const error = failing(call.keys);
    if (error === null) call.answer();
    else call.fail(error);
    await settle();
  }
}
