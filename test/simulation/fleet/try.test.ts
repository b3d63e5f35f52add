import { test } from "vitest";
import { boundsOf, checkHistory } from "../history-checker.js";
import { describeViolation } from "../readable-history.js";
import { simulateFleet } from "./simulate-fleet.js";
test("try", async () => {
  const from = Number(process.env["SEED"] ?? 1);
  for (let seed = from; seed < from + Number(process.env["N"] ?? 5); seed++) {
    const t = performance.now();
    const run = await simulateFleet(seed);
    const ms = Math.round(performance.now() - t);
    const bounds = { ...boundsOf(run.conditions), clockShare: 0.01, mayBeSaidOlder: true };
    const v = checkHistory(run.history, bounds);
    const { history: h } = run;
    const bad = h.views.filter((x) => x.outcome?.kind === "failed").length;
    console.log(seed, ms, "ms; check", Math.round(performance.now() - t) - ms, "steps", run.steps, "scripts", run.scripts, "replicas", run.conditions.replicas, h.replicas.size, "calls", h.calls.length, "views", h.views.length, "failed", bad, "away", run.turnedAway, "inv", h.invalidations.length, h.invalidations.filter((i) => i.acknowledged?.missing.length === 0).length, "violations", v.length, JSON.stringify(Object.fromEntries([...new Set(v.map((x) => x.rule))].map((r) => [r, v.filter((x) => x.rule === r).length]))));
    if (v[0] && process.env["SHOW"]) console.log(describeViolation(seed, h, v[0], v.length), run.happened.map((x) => `${x.at} ${x.what}`).join("; "));
  }
}, 600000);
