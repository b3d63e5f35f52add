import { test } from "vitest";
import { checkFleet } from "./fleet-rules.js";
import { describeViolation } from "../readable-history.js";
import { simulateFleet } from "./simulate-fleet.js";
test("try", async () => {
  const from = Number(process.env["SEED"] ?? 1);
  for (let seed = from; seed < from + Number(process.env["N"] ?? 5); seed++) {
    const t = performance.now();
    const run = await simulateFleet(seed);
    const ms = Math.round(performance.now() - t);

    const v = checkFleet(run.history, run.conditions);
    const { history: h } = run;
    const bad = h.views.filter((x) => x.outcome?.kind === "failed").length;
    console.log(seed, ms, "ms; check", Math.round(performance.now() - t) - ms, "steps", run.steps, "scripts", run.scripts, "replicas", run.conditions.replicas, h.replicas.size, "calls", h.calls.length, "views", h.views.length, "failed", bad, "away", run.turnedAway, "inv", h.invalidations.length, h.invalidations.filter((i) => i.acknowledged?.missing.length === 0).length, "violations", v.length, JSON.stringify(Object.fromEntries([...new Set(v.map((x) => x.rule))].map((r) => [r, v.filter((x) => x.rule === r).length]))));
    if (process.env["TRACE"]) { const s0 = Math.min(h.calls[0]!.sentAt, h.questions[0]!.at) - Date.UTC(2026, 10, 24, 9, 30); console.log("OFFSET", s0); for (const c of h.calls) console.log("TRACE", c.sentAt - Date.UTC(2026, 10, 24, 9, 30), c.replica, "CALL", c.number, c.kind, c.asked.map((a) => a.owner + " " + a.name).join(","), "end", (c.endedAt ?? 0) - Date.UTC(2026, 10, 24, 9, 30), c.end); for (const c of h.questions) console.log("TRACE", c.at - Date.UTC(2026, 10, 24, 9, 30), c.replica, "Q", c.lane, c.asked.kind, c.asked.owner, c.asked.name, c.maxAgeMs, "end", (c.endedAt ?? 0) - Date.UTC(2026, 10, 24, 9, 30), c.outcome?.kind, c.outcome?.kind === "failed" ? c.outcome.error.message : ""); } if (v[0] && process.env["SHOW"]) console.log(describeViolation(seed, h, v[0], v.length), run.happened.map((x) => `${x.at} ${x.what}`).join("; "));
  }
}, 600000);
