import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournal } from "../../src/feed/open-journal.js";
import { createLogger } from "../../src/telemetry/logger.js";
import { describeWith } from "../support/parts.js";
import { VirtualClock } from "../support/virtual-clock.js";

const unasked = () => Promise.reject(new Error("asked"));
const shared = {
  record: { isUp: true, note: unasked, state: unasked, changesBetween: unasked },
  texts: { isUp: true, recall: unasked, swap: unasked },
};

describeWith("sqlite", "where a journal is kept", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pricelane-journal-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ["in the file, also where replicas share one", true, true, 0],
    ["in what replicas share, without a file", false, true, 1],
    ["in memory, without either", false, false, 0],
  ])("%s", async (_name, hasFile, isShared, failures) => {
    let failed = 0;
    const options = { maxSkus: 9, clock: new VirtualClock(), epoch: "E1", logger: createLogger({ level: "silent" }) };
    const journal = await openJournal(
      {
        file: hasFile ? join(folder, "journal.db") : null,
        shared: isShared ? shared : null,
        onFailed: () => failed++,
      },
      options,
    );
    journal.touch(["A"]);
    const head = await journal.head();
    expect(await journal.reaches(head)).toBe(failures === 0);
    expect(failed > 0).toBe(failures > 0);
    await journal.close();
  });
});
