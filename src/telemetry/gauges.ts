import { Gauge, type Registry } from "prom-client";
import type { AnswerKind, Lane } from "../pricing/source.js";
import { type GaugeName, gaugeLabels, gauges } from "./metric-names.js";

export type GaugeLabels = { readonly kind?: AnswerKind; readonly lane?: Lane };
type Reader = { readonly labels: GaugeLabels; readonly read: () => number };

/** Gauges that hold no value: who owns one is asked for it at each scrape. Returns how a reader is named. */
export function createGauges(registry: Registry) {
  const readers = new Map<GaugeName, Map<string, Reader>>();
  for (const [fullName, help] of Object.entries(gauges)) {
    const name = fullName.slice("pricelane_".length) as GaugeName;
    const named = new Map<string, Reader>();
    readers.set(name, named);
    registerGauge(registry, { name: fullName, help, labelNames: gaugeLabels[name] ?? [] }, named);
  }
  return (gauge: GaugeName, read: () => number, labels: GaugeLabels = {}): void => {
    readers.get(gauge)?.set(`${labels.kind ?? ""} ${labels.lane ?? ""}`, { labels, read });
  };
}

type Named = { readonly name: string; readonly help: string; readonly labelNames: readonly ("kind" | "lane")[] };

function registerGauge(registry: Registry, { name, help, labelNames }: Named, readers: Map<string, Reader>): void {
  new Gauge({
    name,
    help,
    labelNames: [...labelNames],
    registers: [registry],
    collect() {
      this.reset();
      for (const { labels, read } of readers.values()) this.set(labels, read());
    },
  });
}
