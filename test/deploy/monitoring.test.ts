import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { createMetrics } from "../../src/telemetry/metrics.js";
import { describeWith, parts } from "../support/parts.js";

const alertsFile = "deploy/helm/pricelane/alerts.yaml";
const dashboard = readFileSync("deploy/grafana/pricelane.json", "utf8");

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: { readonly runbook: string };
}

const { groups } = parse(readFileSync(alertsFile, "utf8")) as { groups: { rules: Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

/** The names of our metrics, and of the process's own, in an expression. */
function metricsIn(expression: string): string[] {
  return [...expression.matchAll(/\b(?:pricelane|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
}

async function knownMetrics(): Promise<Set<string>> {
  const text = await createMetrics().text();
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)];
  return new Set(
    types.flatMap(([, name = "", type]) =>
      type === "histogram" ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
    ),
  );
}

describe("alerts and dashboard", () => {
  test.each([
    ["alerts", readFileSync(alertsFile, "utf8")],
    ["dashboard", dashboard],
    ["autoscaler", readFileSync("deploy/helm/pricelane/templates/autoscaler.yaml", "utf8")],
  ])("the %s name only metrics that there are", async (_, text) => {
    const known = await knownMetrics();
    const named = metricsIn(text);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test("each alert has a section of the runbook, and the runbook no other", () => {
    const sections = [...readFileSync("docs/running.md", "utf8").matchAll(/^### (Pricelane\w+)$/gm)].map(
      ([, name]) => name,
    );
    expect(sections.sort()).toEqual(rules.map(({ alert }) => alert).sort());
    for (const { alert, annotations } of rules) {
      const [file = "", anchor] = annotations.runbook.split("#");
      expect(existsSync(file)).toBe(true);
      expect(anchor).toBe(alert.toLowerCase());
    }
  });

  test("the dashboard's panels do not overlap, and each asks something", () => {
    const { panels } = JSON.parse(dashboard) as { panels: Panel[] };
    expect(panels.length).toBeGreaterThan(10);
    const places = panels.map(({ gridPos: { x, y } }) => `${x},${y}`);
    expect(new Set(places).size).toBe(panels.length);
    for (const { targets } of panels) expect(targets.every(({ expr }) => metricsIn(expr).length > 0)).toBe(true);
  });
});

describeWith("promtool", "the alerts, by Prometheus itself", () => {
  const promtool = (...args: string[]) => promisify(execFile)(parts.promtool ?? "", args);

  test("the rules are well-formed", async () => {
    await promtool("check", "rules", alertsFile);
  });

  test("each alert fires when it should, and not when it should not", async () => {
    await promtool("test", "rules", "deploy/alerts.test.yaml");
    const tested = readFileSync("deploy/alerts.test.yaml", "utf8");
    const fired = rules.filter(({ alert }) =>
      new RegExp(`alertname: ${alert}\\s+exp_alerts:\\s+- exp_labels`).test(tested),
    );
    expect(fired.map(({ alert }) => alert)).toEqual(rules.map(({ alert }) => alert));
  });
});

interface Panel {
  readonly gridPos: { readonly x: number; readonly y: number };
  readonly targets: readonly { readonly expr: string }[];
}
